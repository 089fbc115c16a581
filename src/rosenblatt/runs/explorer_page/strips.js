// Strips of decoded pictures: the way between two codes, and what each latent changes.

const WAY_STEPS = 9;
const TRAVERSED = 10; // latents
const TRAVERSAL_STEPS = 9;

function cells(container, n, describe, clicked) {
  return Array.from({ length: n }, (_, i) => {
    const canvas = element("canvas");
    const button = element("button", { type: "button", "aria-label": describe(i) }, canvas);
    button.addEventListener("click", () => clicked(i));
    container.append(button);
    return { button, canvas };
  });
}

/** The way from A to B, with a slider along it. */
class Interpolation {
  constructor(strip, picture, moved) {
    this.picture = picture;
    this.cells = cells(strip, WAY_STEPS, (i) => `${i} of ${WAY_STEPS - 1} steps from A to B`, (i) => moved(i / (WAY_STEPS - 1)));
  }

  jobs(way, decode, theme) {
    return this.cells.map(({ canvas }, i) => () => this.picture.draw(canvas, decode(way[i]), theme));
  }

  mark(share) {
    const near = Math.round(share * (WAY_STEPS - 1));
    this.cells.forEach(({ button }, i) => button.classList.toggle("near", share !== null && i === near));
  }
}

/** For each of the most important latents, pictures from one end of it to the other, the others as they are. */
class Traversals {
  constructor(space, list, picture, moved) {
    Object.assign(this, { space, picture });
    this.strips = space.order.slice(0, TRAVERSED).map((latent) => {
      const strip = element("div", { class: "strip" });
      const entry = element("li", {}, element("span", { text: `latent ${latent + 1}` }), strip);
      entry.classList.toggle("silent", space.silent[latent]);
      list.append(entry);
      const describe = (i) => `latent ${latent + 1} at ${shown(this.value(latent, i))}`;
      return { latent, cells: cells(strip, TRAVERSAL_STEPS, describe, (i) => moved(latent, this.value(latent, i))) };
    });
  }

  value(latent, step) {
    const { low, high } = this.space;
    return low[latent] + ((high[latent] - low[latent]) * step) / (TRAVERSAL_STEPS - 1);
  }

  jobs(code, decode, theme) {
    return this.strips.flatMap(({ latent, cells: pictures }) =>
      pictures.map(({ button, canvas }, step) => () => {
        const there = Float64Array.from(code);
        there[latent] = this.value(latent, step);
        this.picture.draw(canvas, decode(there), theme);
        const width = this.value(latent, 1) - this.value(latent, 0);
        button.classList.toggle("near", Math.abs(there[latent] - code[latent]) <= width / 2);
      }),
    );
  }
}
