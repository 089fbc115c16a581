// One model: its map, picture, sliders and strips, around one code.

/** The latents of a model, and the codes of rows. */
class Space {
  constructor({ latents, codes, prior }) {
    Object.assign(this, latents, { prior });
    this.n = this.low.length;
    this.codes = codes && unpackFloats(codes);
    this.nRows = this.codes ? this.codes.length / this.n : 0;
  }

  code(row) {
    return this.codes.subarray(row * this.n, (row + 1) * this.n);
  }
}

class Panel {
  /** `shared` is what all panels have in common: rows, picture, theme, the two ends, and how to tell the others. */
  constructor(model, shared, root) {
    Object.assign(this, { shared, root, name: model.name });
    this.decoder = new Decoder(model);
    this.space = new Space(model);
    this.part = (name) => root.querySelector(`[data-part="${name}"]`);
    this.part("name").textContent = model.name;
    this.part("facts").textContent = model.facts;
    this.explain();
    this.row = this.space.codes ? 0 : null;
    this.code = this.startCode();
    this.ends = { A: null, B: null };
    this.share = null;
    this.hovered = null;
    this.build();
  }

  decode(code) {
    return this.decoder.decode(code);
  }

  startCode() {
    return this.row === null ? new Float64Array(this.space.n) : Float64Array.from(this.space.code(this.row));
  }

  explain() {
    const { unit } = this.space;
    for (const text of this.root.querySelectorAll("[data-when]")) text.hidden = text.dataset.when !== (unit ?? "none");
    this.root.querySelectorAll("[data-rows]").forEach((part) => (part.hidden = !this.space.codes));
    this.root.querySelectorAll("[data-prior]").forEach((part) => (part.hidden = !this.space.prior));
  }

  build() {
    const { picture, labels } = this.shared;
    const set = (latent, value) => this.setLatents([[latent, value]]);
    this.map = new LatentMap(this.space, labels, ["plane", "ground", "front"].map(this.part), picture);
    this.sliders = new Sliders(this.space, this.part("sliders"), this.part("more"), set);
    this.interpolation = new Interpolation(this.part("way"), picture, (share) => this.shared.walk(share));
    this.traversals = new Traversals(this.space, this.part("traversals"), picture, set);
    this.root.style.setProperty("--aspect", picture.aspect);
    this.root.dataset.kind = picture.kind;
    if (picture.kind === "table") this.bars = new BarList(picture, this.part("bars"));
    this.buildAxes();
    this.buildButtons();
    this.buildPointer();
  }

  buildAxes() {
    ["across", "up"].forEach((name, axis) => {
      const select = this.part(name);
      this.space.order.forEach((latent) => select.append(new Option(`latent ${latent + 1}`, latent)));
      if (this.map.axes[axis] === null) return (select.closest("label").hidden = true);
      select.value = this.map.axes[axis];
      select.addEventListener("change", () => this.setAxis(axis, Number(select.value)));
    });
    const pictures = this.part("pictures");
    pictures.closest("label").hidden = this.shared.picture.kind !== "image";
    pictures.checked = this.map.showsPictures;
    pictures.addEventListener("change", () => {
      this.map.showsPictures = pictures.checked;
      this.redraw();
    });
  }

  /** The other axis takes the latent that this one had, where both would have the same. */
  setAxis(axis, latent) {
    const other = 1 - axis;
    if (this.map.axes[other] === latent) this.map.axes[other] = this.map.axes[axis];
    this.map.axes[axis] = latent;
    ["across", "up"].forEach((name, i) => this.map.axes[i] !== null && (this.part(name).value = this.map.axes[i]));
    this.redraw();
  }

  buildButtons() {
    const on = (name, action) => this.part(name).addEventListener("click", action);
    on("reset", () => this.setCode(this.startCode()));
    on("random", () => this.shared.pick(Math.floor(Math.random() * this.space.nRows)));
    on("sample", () => this.setCode(Float64Array.from({ length: this.space.n }, normal)));
    on("A", () => this.shared.setEnd("A", this));
    on("B", () => this.shared.setEnd("B", this));
    this.part("along").addEventListener("input", (event) => this.shared.walk(Number(event.target.value)));
    this.part("kind").addEventListener("change", (event) => this.shared.setKind(event.target.value));
  }

  buildPointer() {
    const { front } = this.map;
    const place = (event) => [event.offsetX, event.offsetY];
    front.addEventListener("pointerdown", (event) => {
      front.setPointerCapture(event.pointerId);
      this.isDragging = true;
      this.press(...place(event), event.shiftKey);
    });
    front.addEventListener("pointermove", (event) => {
      if (this.isDragging && !this.picks(event.shiftKey)) this.press(...place(event), false);
      else this.hover(...place(event));
    });
    ["pointerup", "pointercancel"].forEach((name) => front.addEventListener(name, () => (this.isDragging = false)));
    front.addEventListener("pointerleave", () => this.setHovered(null));
    front.addEventListener("keydown", (event) => this.pressKey(event));
  }

  picks(withShift) {
    return this.space.nRows > 0 && (withShift || this.part("picks").checked);
  }

  press(x, y, withShift) {
    if (this.picks(withShift)) return this.shared.pick(this.map.nearest(x, y));
    const values = this.map.valuesAt(x, y);
    this.setHovered(null);
    this.setLatents(this.map.axes.map((latent, axis) => [latent, values[axis]]).filter(([latent]) => latent !== null));
  }

  pressKey(event) {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [1, 1], ArrowDown: [1, -1] }[event.key];
    if (!step || this.map.axes[step[0]] === null) return;
    event.preventDefault();
    const latent = this.map.axes[step[0]];
    const [low, high] = this.map.ranges[step[0]];
    this.setLatents([[latent, Math.min(Math.max(this.code[latent] + (step[1] * (high - low)) / 100, low), high)]]);
  }

  hover(x, y) {
    const row = this.map.showsPictures ? null : this.map.nearest(x, y, 9);
    if (row !== this.hovered) this.setHovered(row);
  }

  setHovered(row) {
    this.hovered = row;
    const tip = this.part("tip");
    tip.hidden = row === null;
    if (row !== null) this.fillTip(tip, row);
    this.drawFront();
  }

  fillTip(tip, row) {
    const { picture, theme } = this.shared;
    const [x, y] = this.map.place(this.space.code(row), row);
    tip.style.left = `${Math.min(Math.max(x, 56), this.map.width - 56)}px`;
    tip.style.top = `${y}px`;
    tip.classList.toggle("below", y < 130);
    tip.querySelector("span").textContent = this.shared.describe(row);
    picture.draw(tip.querySelector("canvas"), this.shared.ownNumbers(row) ?? this.decode(this.space.code(row)), theme);
  }

  setLatents(changes) {
    changes.forEach(([latent, value]) => (this.code[latent] = value));
    this.changed();
  }

  setCode(code) {
    this.code = Float64Array.from(code);
    this.changed();
  }

  setRow(row) {
    this.row = row;
    this.setCode(this.space.code(row));
  }

  setEnd(name, code) {
    this.ends[name] = Float64Array.from(code);
    this.drawWay();
  }

  /** A code on the way from A to B. */
  along(share) {
    return WAYS[this.shared.kind](this.ends.A, this.ends.B, share);
  }

  way(n) {
    return this.ends.A && this.ends.B && Array.from({ length: n }, (_, i) => this.along(i / (n - 1)));
  }

  walk(share) {
    this.part("along").value = share;
    this.setCode(this.along(share));
    this.interpolation.mark(share);
  }

  drawWay() {
    const { theme, kind } = this.shared;
    this.part("kind").value = kind;
    work.later(`${this.name} way`, this.interpolation.jobs(this.way(WAY_STEPS), (code) => this.decode(code), theme));
    this.drawFront();
  }

  changed() {
    this.interpolation.mark(null);
    work.soon(this.name, () => this.draw());
    work.later(`${this.name} traversals`, this.traversals.jobs(this.code, (code) => this.decode(code), this.shared.theme));
    this.drawPlane();
  }

  /** The plane changes only where a latent does that is on neither axis. */
  drawPlane() {
    const others = Float64Array.from(this.code);
    this.map.axes.forEach((latent) => latent !== null && (others[latent] = 0));
    const key = this.map.showsPictures && `${this.map.axes} ${this.map.width} ${others.join()}`;
    if (key === this.planeKey) return;
    this.planeKey = key;
    if (!key) return this.map.clearPlane();
    work.later(`${this.name} plane`, this.map.planeJobs(this.code, (code) => this.decode(code)));
  }

  draw() {
    const { picture, theme } = this.shared;
    const numbers = this.decode(this.code);
    const own = this.row === null ? null : this.shared.ownNumbers(this.row);
    if (this.bars) this.bars.draw(numbers, own);
    else picture.draw(this.part("decoded"), numbers, theme, own);
    this.sliders.show(this.code);
    this.drawFront();
  }

  drawFront() {
    this.map.drawFront(this.code, this.way(33), this.hovered);
  }

  drawOwn() {
    const own = this.row === null ? null : this.shared.ownNumbers(this.row);
    this.part("own").hidden = !own;
    if (this.row !== null) this.part("own-name").textContent = this.shared.describe(this.row);
    if (own && !this.bars) this.shared.picture.draw(this.part("own-picture"), own, this.shared.theme);
  }

  /** Everything again, after a change of size, colours or axes. */
  redraw() {
    this.planeKey = undefined;
    this.root.dataset.shows = this.map.showsPictures ? "pictures" : "points";
    this.map.resize();
    this.map.drawGround(this.shared.theme);
    this.sliders.drawHistograms();
    this.drawOwn();
    this.changed();
    if (this.ends.A && this.ends.B) this.drawWay();
  }
}
