// The page: one panel for each model, and what they share.

class Shared {
  constructor({ picture, rows }) {
    this.picture = new Picture(picture);
    this.rows = rows;
    this.labels = rows?.labels && Shared.withRange(rows.labels);
    this.pictures = rows && unpackBytes(rows.pictures);
    this.theme = new Theme();
    this.kind = "linear";
    this.panels = [];
  }

  static withRange(labels) {
    if (labels.kind !== "numbers") return labels;
    return { ...labels, low: Math.min(...labels.of), high: Math.max(...labels.of) };
  }

  /** The numbers of a row itself, to 1 in 255 of their range; null where the file has no room for them. */
  ownNumbers(row) {
    const n = this.picture.low.length;
    const bytes = this.pictures.subarray(row * n, (row + 1) * n);
    return bytes.length ? this.picture.restored(bytes) : null;
  }

  labelOf(row) {
    const { kind, of, classes } = this.labels;
    return kind === "classes" ? classes[of[row]] : kind === "numbers" ? shortNumber(Number(of[row].toPrecision(4))) : of[row];
  }

  describe(row) {
    const label = this.labels ? `, ${this.labels.name} ${this.labelOf(row)}` : "";
    return `row ${this.rows.index[row]}${label}`;
  }

  pick(row) {
    this.panels.forEach((panel) => {
      panel.setRow(row);
      panel.drawOwn();
    });
  }

  /** A row's own code is an end in all panels; a code that was made by hand only in its own. */
  setEnd(name, panel) {
    const isRow = panel.row !== null && panel.code.every((number, j) => number === panel.space.code(panel.row)[j]);
    const others = isRow ? this.panels : [panel];
    others.forEach((each) => each.setEnd(name, isRow ? each.space.code(panel.row) : panel.code));
  }

  setKind(kind) {
    this.kind = kind;
    this.panels.forEach((panel) => panel.drawWay());
  }

  walk(share) {
    this.panels.forEach((panel) => panel.walk(share));
  }

  redraw() {
    this.theme = new Theme();
    this.panels.forEach((panel) => panel.redraw());
  }
}

/** Two rows with different labels, or codes on either side of 0, so that there is a way to see from the start. */
function firstEnds(shared, panel) {
  const { space } = panel;
  if (!space.codes) {
    const edge = Float64Array.from({ length: space.n }, (_, j) => (j % 2 ? 1.5 : -1.5));
    return [edge, edge.map((number) => -number)];
  }
  const of = shared.labels?.of ?? [];
  const other = Math.max(of.findIndex((label) => label !== of[0]), 0) || space.nRows >> 1;
  return [space.code(0), space.code(other)];
}

/** The classes with their marks; pointing at one makes the others pale. */
function buildLegend(shared, legend) {
  const { labels } = shared;
  if (labels?.kind === "numbers") return buildScale(labels, legend);
  if (labels?.kind !== "classes") return;
  labels.classes.forEach((name, group) => {
    const mark = element("canvas", { width: 14, height: 14 });
    const button = element("button", { type: "button", "aria-pressed": "false" }, mark, name);
    const show = (highlighted) => shared.panels.forEach(({ map }) => {
      map.highlighted = highlighted;
      map.drawGround(shared.theme);
    });
    const isPressed = () => button.getAttribute("aria-pressed") === "true";
    button.addEventListener("pointerenter", () => show(group));
    button.addEventListener("pointerleave", () => {
      const pressed = legend.querySelector('[aria-pressed="true"]');
      show(pressed ? [...legend.children].indexOf(pressed) : null);
    });
    button.addEventListener("click", () => {
      const next = !isPressed();
      [...legend.children].forEach((each) => each.setAttribute("aria-pressed", "false"));
      button.setAttribute("aria-pressed", String(next));
      show(next ? group : null);
    });
    legend.append(button);
  });
}

function buildScale(labels, legend) {
  legend.append(`${labels.name} `, shown(labels.low), element("i"), shown(labels.high));
}

function paintLegend(shared, legend) {
  const { theme, labels } = shared;
  [...legend.querySelectorAll("canvas")].forEach((canvas, group) => {
    const context = sharpContext(canvas, 14, 14);
    context.beginPath();
    MARKS[Math.floor(group / theme.series.length) % MARKS.length](context, 7, 7, 5);
    context.fillStyle = theme.series[group % theme.series.length];
    context.fill();
  });
  const bar = legend.querySelector("i");
  if (bar && labels) bar.style.background = `linear-gradient(to right, ${[0, 0.25, 0.5, 0.75, 1].map((share) => theme.point(share)).join()})`;
}

function start() {
  const content = JSON.parse(document.getElementById("content").textContent);
  const shared = new Shared(content);
  const main = document.querySelector("main");
  main.classList.toggle("two", content.models.length > 1);
  const legend = document.getElementById("legend");
  for (const model of content.models) {
    const root = document.getElementById("panel").content.firstElementChild.cloneNode(true);
    root.setAttribute("aria-label", model.name);
    main.append(root);
    shared.panels.push(new Panel(model, shared, root));
  }
  buildLegend(shared, legend);
  const ink = document.getElementById("ink");
  ink.closest("label").hidden = shared.picture.kind !== "image" || shared.picture.channels === 3;
  ink.checked = !shared.picture.ink;
  ink.addEventListener("change", () => {
    shared.picture.ink = !ink.checked;
    shared.redraw();
  });
  const redraw = () => {
    shared.redraw();
    paintLegend(shared, legend);
  };
  redraw();
  shared.panels.forEach((panel) => {
    const [A, B] = firstEnds(shared, panel);
    panel.ends.A = Float64Array.from(A);
    panel.setEnd("B", B);
  });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  let width = window.innerWidth;
  window.addEventListener("resize", () => {
    if (window.innerWidth === width) return; // a phone's address bar comes and goes
    width = window.innerWidth;
    work.soon("size", redraw);
  });
  window.rosenblatt = {
    panels: shared.panels,
    decode: (code, model = 0) => shared.panels[model].decode(code),
    isIdle: () => !work.isAsked,
  };
}

start();
