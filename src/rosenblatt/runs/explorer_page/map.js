// The map: codes as points on two latents, the own place, the way between two codes, and a plane of pictures.

const MARKS = [
  (context, x, y, r) => context.arc(x, y, r, 0, 2 * Math.PI),
  (context, x, y, r) => context.rect(x - 0.88 * r, y - 0.88 * r, 1.76 * r, 1.76 * r),
  (context, x, y, r) => polygon(context, x, y, 1.25 * r, 3),
  (context, x, y, r) => polygon(context, x, y, 1.2 * r, 4),
];
const MARGIN = { left: 34, right: 8, top: 8, bottom: 24 };
const TILES = 12; // pictures on an axis of the plane

function polygon(context, x, y, r, corners) {
  for (let i = 0; i <= corners; i++) {
    const angle = (2 * Math.PI * i) / corners - Math.PI / 2;
    context[i ? "lineTo" : "moveTo"](x + r * Math.cos(angle), y + r * Math.sin(angle));
  }
}

/** Whole steps of 1, 2 or 5 times a power of ten, five of them or so. */
function ticks(low, high) {
  const raw = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= raw);
  const found = [];
  for (let i = Math.ceil(low / step); i * step <= high; i++) found.push(i * step);
  return found;
}

class LatentMap {
  /** `space` has the latents and codes of a model, `labels` those of its rows; `canvases` lie on one another. */
  constructor(space, labels, canvases, picture) {
    Object.assign(this, { space, labels, picture });
    [this.plane, this.ground, this.front] = canvases;
    this.axes = space.order.length > 1 ? space.order.slice(0, 2) : [space.order[0], null];
    this.showsPictures = !space.codes && picture.kind === "image";
    this.highlighted = null;
    this.resize();
  }

  resize() {
    this.width = this.ground.clientWidth;
    this.height = this.ground.clientHeight;
    this.ranges = this.axes.map((latent) => (latent === null ? [-1, 1] : this.range(latent)));
  }

  /** Where a slider moves, and where all points are. */
  range(latent) {
    const { low, high, codes, n } = this.space;
    let [least, most] = [low[latent], high[latent]];
    for (let i = 0; codes && i < codes.length; i += n) {
      least = Math.min(least, codes[i + latent]);
      most = Math.max(most, codes[i + latent]);
    }
    const rim = 0.03 * (most - least);
    return [least - rim, most + rim];
  }

  x(value) {
    const [low, high] = this.ranges[0];
    return MARGIN.left + ((value - low) / (high - low)) * (this.width - MARGIN.left - MARGIN.right);
  }

  y(value) {
    const [low, high] = this.ranges[1];
    return this.height - MARGIN.bottom - ((value - low) / (high - low)) * (this.height - MARGIN.top - MARGIN.bottom);
  }

  /** The two numbers that a place on the map stands for. */
  valuesAt(px, py) {
    const shares = [
      (px - MARGIN.left) / (this.width - MARGIN.left - MARGIN.right),
      (this.height - MARGIN.bottom - py) / (this.height - MARGIN.top - MARGIN.bottom),
    ];
    return shares.map((share, i) => {
      const [low, high] = this.ranges[i];
      return low + Math.min(Math.max(share, 0), 1) * (high - low);
    });
  }

  /** Where a code is; a map of one latent spreads its points up and down, for the eye only. */
  place(code, row = null) {
    const [across, up] = this.axes;
    const height = up === null ? (row === null ? 0 : ((row * 0.618034) % 1) * 1.4 - 0.7) : code[up];
    return [this.x(code[across]), this.y(height)];
  }

  nearest(px, py, within = Infinity) {
    let [found, least] = [null, within ** 2];
    for (let row = 0; row < this.space.nRows; row++) {
      const [x, y] = this.place(this.space.code(row), row);
      const distance = (x - px) ** 2 + (y - py) ** 2;
      if (distance < least) [found, least] = [row, distance];
    }
    return found;
  }

  drawGround(theme) {
    const context = sharpContext(this.ground, this.width, this.height);
    this.theme = theme;
    this.drawAxes(context);
    if (this.space.prior && this.axes[1] !== null) this.drawPrior(context);
    if (!this.showsPictures) this.drawPoints(context);
    if (this.labels?.kind === "classes" && !this.showsPictures) this.drawNames(context);
  }

  drawAxes(context) {
    Object.assign(context, { strokeStyle: this.theme.rule, fillStyle: this.theme.muted, lineWidth: 1, font: "11px system-ui, sans-serif" });
    const [right, bottom] = [this.width - MARGIN.right, this.height - MARGIN.bottom];
    context.textAlign = "center";
    for (const tick of ticks(...this.ranges[0])) {
      this.line(context, this.x(tick), MARGIN.top, this.x(tick), bottom);
      context.fillText(shortNumber(tick), this.x(tick), bottom + 15);
    }
    context.textAlign = "right";
    for (const tick of this.axes[1] === null ? [] : ticks(...this.ranges[1])) {
      this.line(context, MARGIN.left, this.y(tick), right, this.y(tick));
      context.fillText(shortNumber(tick), MARGIN.left - 6, this.y(tick) + 4);
    }
  }

  line(context, x0, y0, x1, y1) {
    context.beginPath();
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
    context.stroke();
  }

  /** Circles of 1, 2 and 3 standard deviations of the prior N(0, I). */
  drawPrior(context) {
    Object.assign(context, { strokeStyle: this.theme.muted, lineWidth: 1, globalAlpha: 0.7 });
    context.setLineDash([3, 4]);
    context.save();
    context.beginPath();
    context.rect(MARGIN.left, MARGIN.top, this.width - MARGIN.left - MARGIN.right, this.height - MARGIN.top - MARGIN.bottom);
    context.clip();
    for (const radius of [1, 2, 3]) {
      context.beginPath();
      context.ellipse(this.x(0), this.y(0), this.x(radius) - this.x(0), this.y(0) - this.y(radius), 0, 0, 2 * Math.PI);
      context.stroke();
    }
    context.restore();
    context.setLineDash([]);
    context.globalAlpha = 1;
  }

  drawPoints(context) {
    const n = this.space.nRows;
    const radius = Math.min(Math.max(70 / Math.sqrt(n + 1), 2.4), 4.5);
    for (let row = 0; row < n; row++) {
      const [x, y] = this.place(this.space.code(row), row);
      const group = this.labels?.kind === "classes" ? this.labels.of[row] : 0;
      context.globalAlpha = this.highlighted === null || this.highlighted === group ? 0.85 : 0.1;
      context.beginPath();
      MARKS[Math.floor(group / this.theme.series.length) % MARKS.length](context, x, y, radius);
      context.fillStyle = this.colorOf(row);
      context.fill();
      Object.assign(context, { strokeStyle: this.theme.surface, lineWidth: 0.5 });
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  colorOf(row) {
    const { labels, theme } = this;
    if (labels?.kind === "classes") return theme.series[labels.of[row] % theme.series.length];
    if (labels?.kind === "numbers") return theme.point((labels.of[row] - labels.low) / (labels.high - labels.low || 1));
    return theme.series[0];
  }

  /** The name of each class, at the median of its points. */
  drawNames(context) {
    Object.assign(context, { font: "700 15px system-ui, sans-serif", textAlign: "center", lineWidth: 4, lineJoin: "round" });
    this.labels.classes.forEach((name, group) => {
      const places = [];
      this.labels.of.forEach((of, row) => of === group && places.push(this.place(this.space.code(row), row)));
      if (!places.length || (this.highlighted !== null && this.highlighted !== group)) return;
      const [x, y] = [0, 1].map((axis) => places.map((place) => place[axis]).sort((a, b) => a - b)[places.length >> 1]);
      Object.assign(context, { strokeStyle: this.theme.surface, fillStyle: this.theme.ink });
      context.strokeText(name, x, y + 5);
      context.fillText(name, x, y + 5);
    });
  }

  /** Draws the own place, and the way between two codes, where there are any. */
  drawFront(code, way, hovered) {
    const context = sharpContext(this.front, this.width, this.height);
    const { theme } = this;
    if (way) this.drawWay(context, way);
    if (hovered !== null) this.ring(context, ...this.place(this.space.code(hovered), hovered), 6, theme.ink, 1.5);
    const [x, y] = this.place(code);
    Object.assign(context, { strokeStyle: theme.ink, lineWidth: 1, globalAlpha: 0.45 });
    this.line(context, x, MARGIN.top, x, this.height - MARGIN.bottom);
    if (this.axes[1] !== null) this.line(context, MARGIN.left, y, this.width - MARGIN.right, y);
    context.globalAlpha = 1;
    this.ring(context, x, y, 8, theme.page, 5);
    this.ring(context, x, y, 8, theme.ink, 2.5);
  }

  ring(context, x, y, radius, color, thickness) {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    Object.assign(context, { strokeStyle: color, lineWidth: thickness });
    context.stroke();
  }

  drawWay(context, way) {
    const places = way.map((code) => this.place(code));
    Object.assign(context, { lineWidth: 2.5, lineJoin: "round", strokeStyle: this.theme.ink });
    context.beginPath();
    places.forEach((place) => context.lineTo(...place));
    context.stroke();
    [["A", places[0]], ["B", places[places.length - 1]]].forEach(([name, [x, y]]) => this.badge(context, name, x, y));
  }

  badge(context, name, x, y) {
    context.beginPath();
    context.arc(x, y, 9, 0, 2 * Math.PI);
    context.fillStyle = this.theme.ink;
    context.fill();
    Object.assign(context, { fillStyle: this.theme.page, font: "700 11px system-ui, sans-serif", textAlign: "center" });
    context.fillText(name, x, y + 4);
  }

  /** Jobs that fill the plane with what is decoded at each place, the other latents as in `code`. */
  planeJobs(code, decode) {
    const width = this.width - MARGIN.left - MARGIN.right;
    const height = this.height - MARGIN.top - MARGIN.bottom;
    const rows = this.axes[1] === null ? 1 : TILES;
    const context = sharpContext(this.plane, this.width, this.height);
    context.imageSmoothingEnabled = false;
    const tile = document.createElement("canvas");
    const side = 0.88 * Math.min(width / TILES, (height / rows) * this.picture.aspect);
    return Array.from({ length: TILES * rows }, (_, i) => () => {
      const [x, y] = [MARGIN.left + ((i % TILES) + 0.5) * (width / TILES), MARGIN.top + (Math.floor(i / TILES) + 0.5) * (height / rows)];
      const values = this.valuesAt(x, y);
      const there = Float64Array.from(code);
      this.axes.forEach((latent, axis) => latent !== null && (there[latent] = values[axis]));
      this.picture.draw(tile, decode(there), this.theme);
      context.drawImage(tile, x - side / 2, y - side / this.picture.aspect / 2, side, side / this.picture.aspect);
    });
  }

  clearPlane() {
    sharpContext(this.plane, this.width, this.height);
  }
}

function shortNumber(number) {
  return String(Number(number.toPrecision(6))).replace("-", "−");
}
