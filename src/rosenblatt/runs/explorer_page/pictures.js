// Rows as pictures: images, signals as curves, the numbers of a table as bars.

function variable(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function rgb(color) {
  return [1, 3, 5].map((start) => parseInt(color.slice(start, start + 2), 16));
}

/** The colours of the page, as the reader's system wants them: light or dark. */
class Theme {
  constructor() {
    for (const name of ["page", "surface", "ink", "muted", "accent", "rule"]) this[name] = variable(`--${name}`);
    this.series = Theme.numbered("--series-");
    this.ramp = Theme.numbered("--colormap-").map(rgb);
  }

  static numbered(prefix) {
    const colors = [];
    while (variable(prefix + colors.length)) colors.push(variable(prefix + colors.length));
    return colors;
  }

  /** A colour for a share from 0 to 1; from the page's own on. */
  shade(share) {
    const place = Math.min(Math.max(share, 0), 1) * (this.ramp.length - 1);
    const low = Math.min(Math.floor(place), this.ramp.length - 2);
    return this.ramp[low].map((from, i) => Math.round(from + (place - low) * (this.ramp[low + 1][i] - from)));
  }

  /** A colour that is visible on the page, for a share from 0 to 1. */
  point(share) {
    return `rgb(${this.shade(0.25 + 0.75 * share).join(" ")})`;
  }
}

/** A canvas as sharp as the screen, in whose context lengths are CSS pixels. */
function sharpContext(canvas, width, height) {
  const scale = Math.max(window.devicePixelRatio || 1, 1);
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  return context;
}

/** How rows are drawn; `shape` is (height, width, channels), `low` and `high` the range of the numbers. */
class Picture {
  constructor({ kind, shape, low, high, names, ink }) {
    Object.assign(this, { kind, names, ink });
    [this.height, this.width, this.channels] = shape;
    const n = shape.reduce((product, size) => product * size, 1);
    this.low = Array.isArray(low) ? low : Array(n).fill(low);
    this.high = Array.isArray(high) ? high : Array(n).fill(high);
    this.isTiled = kind === "image" && ![1, 3].includes(this.channels);
  }

  /** Width by height, for a box that holds the picture. */
  get aspect() {
    if (this.kind === "image") return (this.width * (this.isTiled ? this.channels : 1)) / this.height;
    return this.kind === "signal" ? 2 : 1.6;
  }

  share(numbers, i) {
    const span = this.high[i] - this.low[i];
    return span > 0 ? (numbers[i] - this.low[i]) / span : 0.5;
  }

  /** The numbers of a row that is kept in bytes. */
  restored(bytes) {
    return Float32Array.from(bytes, (level, i) => this.low[i] + (level / 255) * (this.high[i] - this.low[i]));
  }

  draw(canvas, numbers, theme, ghost = null) {
    if (this.kind === "image") this.drawImage(canvas, numbers, theme);
    else if (this.kind === "signal") this.drawCurves(canvas, numbers, theme, ghost);
    else this.drawBars(canvas, numbers, theme);
  }

  drawImage(canvas, numbers, theme) {
    const columns = this.width * (this.isTiled ? this.channels : 1);
    if (canvas.width !== columns || canvas.height !== this.height) Object.assign(canvas, { width: columns, height: this.height });
    const context = canvas.getContext("2d");
    const pixels = context.createImageData(columns, this.height);
    for (let y = 0; y < this.height; y++) {
      for (let x = 0; x < columns; x++) {
        pixels.data.set(this.color(numbers, y, x, theme), 4 * (y * columns + x));
      }
    }
    context.putImageData(pixels, 0, 0);
  }

  color(numbers, y, x, theme) {
    const column = x % this.width;
    const first = (y * this.width + column) * this.channels + Math.floor(x / this.width);
    if (this.channels === 3) return [...[0, 1, 2].map((c) => 255 * this.share(numbers, first + c)), 255];
    const share = this.share(numbers, first);
    if (this.ink) return [...theme.shade(share), 255];
    return [255 * share, 255 * share, 255 * share, 255];
  }

  drawCurves(canvas, numbers, theme, ghost) {
    const { width, height } = Picture.box(canvas);
    const context = sharpContext(canvas, width, height);
    context.lineJoin = "round";
    if (ghost) this.drawCurve(context, ghost, 0, theme.muted, 1, width, height);
    for (let c = 0; c < this.channels; c++) {
      this.drawCurve(context, numbers, c, theme.series[c % theme.series.length], width > 120 ? 2 : 1.4, width, height);
    }
  }

  drawCurve(context, numbers, channel, color, thickness, width, height) {
    const pad = 0.08 * height;
    context.beginPath();
    for (let i = 0; i < this.width; i++) {
      const x = (width * (i + 0.5)) / this.width;
      context.lineTo(x, height - pad - (height - 2 * pad) * this.share(numbers, i * this.channels + channel));
    }
    Object.assign(context, { strokeStyle: color, lineWidth: thickness });
    context.stroke();
  }

  drawBars(canvas, numbers, theme) {
    const { width, height } = Picture.box(canvas);
    const context = sharpContext(canvas, width, height);
    const step = width / numbers.length;
    context.fillStyle = theme.accent;
    numbers.forEach((_, i) => {
      const top = height * Math.min(Math.max(this.share(numbers, i), 0.02), 1);
      context.fillRect(i * step + 0.1 * step, height - top, Math.max(0.8 * step, 0.5), top);
    });
  }

  static box(canvas) {
    return { width: canvas.clientWidth || 56, height: canvas.clientHeight || 36 };
  }
}

/** A number with two places, and a minus sign that is as wide as a plus. */
function shown(number, places = 2) {
  const text = Math.abs(number) >= 1e4 ? number.toExponential(1) : number.toFixed(places);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  const { text, ...others } = attributes;
  if (text !== undefined) made.textContent = text;
  Object.entries(others).forEach(([name, value]) => made.setAttribute(name, value));
  made.append(...children);
  return made;
}

/** The numbers of a row as a list of bars, each on the scale of its own column. */
class BarList {
  constructor(picture, list) {
    this.picture = picture;
    this.bars = picture.names.map((name) => BarList.entry(list, name));
  }

  static entry(list, name) {
    const bar = element("i");
    const mark = element("b", { hidden: "" });
    const value = element("output");
    list.append(element("li", {}, element("span", { text: name, title: name }), element("div", {}, bar, mark), value));
    return { bar, mark, value };
  }

  draw(numbers, own) {
    this.bars.forEach(({ bar, mark, value }, i) => {
      bar.style.width = `${100 * Math.min(Math.max(this.picture.share(numbers, i), 0), 1)}%`;
      value.textContent = shown(numbers[i]);
      mark.hidden = !own;
      if (own) mark.style.left = `${100 * this.picture.share(own, i)}%`;
    });
  }
}
