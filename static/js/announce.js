// What a screen reader is told of a table that moves: rarely, never the first value, and again when it is the same.

const PAUSE_MS = 250;
const APART_MS = 5000;

export class Announcer {
  #place;
  #text = "";
  #timer = null;
  #saidAt = -APART_MS;

  constructor(place) {
    this.#place = place;
  }

  say(text) {
    if (text === this.#text) return;
    this.#text = text;
    clearTimeout(this.#timer);
    const wait = Math.max(PAUSE_MS, this.#saidAt + APART_MS - performance.now());
    this.#timer = setTimeout(() => this.#speak(), wait);
  }

  #speak() {
    this.#place.textContent = "";
    if (!this.#text) return;
    this.#saidAt = performance.now();
    requestAnimationFrame(() => { this.#place.textContent = this.#text; });
  }
}
