// A slider for each latent, the most important first, over how often codes have each value.

const FIRST = 12; // sliders that are shown at once
const BINS = 28;
const STEPS = 400; // of a slider

class Sliders {
  /** `moved(latent, value)` is called when the reader moves one. */
  constructor(space, list, more, moved) {
    Object.assign(this, { space, list });
    this.most = space.importance ? Math.max(...space.importance) : 0;
    this.entries = new Map();
    space.order.forEach((latent, place) => list.append(this.entry(latent, place, moved)));
    if (space.n > FIRST) this.offerMore(more);
  }

  offerMore(more) {
    more.hidden = false;
    more.textContent = `Show all ${this.space.n} latents`;
    more.addEventListener("click", () => {
      [...this.list.children].forEach((entry) => (entry.hidden = false));
      more.hidden = true;
      this.drawHistograms();
    });
  }

  entry(latent, place, moved) {
    const { low, high, silent } = this.space;
    const name = `latent ${latent + 1}`;
    const step = (high[latent] - low[latent]) / STEPS;
    const input = element("input", { type: "range", min: low[latent], max: high[latent], step, "aria-label": name });
    const value = element("output");
    const histogram = element("canvas", { "aria-hidden": "true" });
    input.addEventListener("input", () => moved(latent, Number(input.value)));
    this.entries.set(latent, { input, value, histogram });
    const track = element("div", { class: "track" }, histogram, input);
    const entry = element("li", {}, element("span", { text: name }), track, value);
    if (this.space.importance) entry.append(this.importance(latent));
    entry.classList.toggle("silent", silent[latent]);
    entry.hidden = place >= FIRST;
    return entry;
  }

  importance(latent) {
    const { importance, unit, silent } = this.space;
    const bar = element("i");
    bar.style.width = `${(100 * importance[latent]) / (this.most || 1)}%`;
    const text = silent[latent] ? "silent" : importance[latent].toPrecision(importance[latent] < 100 ? 2 : 3);
    const meaning = unit === "nats" ? `mean KL ${importance[latent].toFixed(3)} nats` : `variance ${importance[latent]}`;
    return element("span", { class: "importance", title: meaning }, bar, element("b", { text: text.replace("e-", "e−") }));
  }

  /** Shows a code; a slider becomes longer where it lies outside. */
  show(code) {
    for (const [latent, { input, value }] of this.entries) {
      if (code[latent] < Number(input.min)) input.min = code[latent];
      if (code[latent] > Number(input.max)) input.max = code[latent];
      if (document.activeElement !== input || Math.abs(input.value - code[latent]) > Number(input.step)) input.value = code[latent];
      value.textContent = shown(code[latent]);
    }
  }

  drawHistograms() {
    const color = variable("--muted");
    for (const [latent, { histogram }] of this.entries) {
      if (this.space.codes && histogram.clientWidth) this.drawHistogram(histogram, latent, color);
    }
  }

  drawHistogram(canvas, latent, color) {
    const { codes, n, low, high } = this.space;
    const counts = new Array(BINS).fill(0);
    for (let i = latent; i < codes.length; i += n) {
      const bin = Math.floor((BINS * (codes[i] - low[latent])) / (high[latent] - low[latent]));
      if (bin >= 0 && bin < BINS) counts[bin]++;
    }
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    const context = sharpContext(canvas, width, height);
    context.fillStyle = color;
    const most = Math.max(...counts, 1);
    counts.forEach((count, bin) => {
      const tall = (height * count) / most;
      context.fillRect((bin * width) / BINS, height - tall, width / BINS - 1, tall);
    });
  }
}
