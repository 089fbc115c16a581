// The ways from one code to another.

const PARALLEL = 1e-4; // the sine below which codes have no arc of their own

function linearWay(start, end, share) {
  return start.map((number, j) => number * (1 - share) + end[j] * share);
}

function lengthOf(code) {
  return Math.max(Math.hypot(...code), 1e-12);
}

/** Turns steadily from one direction to the other, while the length changes steadily too. */
function sphericalWay(start, end, share) {
  const [first, last] = [lengthOf(start), lengthOf(end)];
  const cosine = start.reduce((sum, number, j) => sum + (number / first) * (end[j] / last), 0);
  const angle = Math.acos(Math.min(Math.max(cosine, -1), 1));
  const sine = Math.sin(angle);
  if (sine < PARALLEL) return linearWay(start, end, share);
  const length = first * (1 - share) + last * share;
  const [before, after] = [Math.sin((1 - share) * angle) / sine, Math.sin(share * angle) / sine];
  return start.map((number, j) => length * ((before * number) / first + (after * end[j]) / last));
}

const WAYS = { linear: linearWay, spherical: sphericalWay };

/** A number from N(0, 1) (Box and Muller 1958). */
function normal() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}
