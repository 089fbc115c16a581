// What is drawn when: the picture at the next frame, all others after it, as many in a frame as do not hold it up.

const FRAME_SHARE = 7; // milliseconds of a frame for what can wait

class Work {
  constructor() {
    this.urgent = new Map();
    this.waiting = new Map();
    this.isAsked = false;
  }

  /** Does a job of that owner at the next frame, in the place of an earlier one that was not done yet. */
  soon(owner, job) {
    this.urgent.set(owner, job);
    this.ask();
  }

  /** Does jobs of that owner, one after the other, when nothing is urgent, in the place of earlier ones. */
  later(owner, jobs) {
    this.waiting.set(owner, jobs);
    this.ask();
  }

  ask() {
    if (this.isAsked) return;
    this.isAsked = true;
    requestAnimationFrame(() => this.frame());
  }

  frame() {
    this.isAsked = false;
    if (this.urgent.size) {
      const jobs = [...this.urgent.values()];
      this.urgent.clear();
      jobs.forEach((job) => job());
    } else {
      this.fill();
    }
    if (this.urgent.size || this.waiting.size) this.ask();
  }

  fill() {
    const end = performance.now() + FRAME_SHARE;
    for (const [owner, jobs] of this.waiting) {
      while (jobs.length) {
        jobs.shift()();
        if (performance.now() > end) return;
      }
      this.waiting.delete(owner);
    }
  }
}

const work = new Work();
