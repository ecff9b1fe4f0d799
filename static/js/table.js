// The rows on the screen: values change where they stand, rows come and leave only while nobody's hand is on them.

import { comesBefore, inOrder, ROWS_MAX } from "./fold.js";
import { flash, keyOf, patch, strike, unstrike } from "./rows.js";

const STRUCK_MS = 5000;
// A change is marked by a flash while the eye can follow; when more change at once the marks would be all there is to see.
const FLASHED_MAX = 6;

export class Table {
  #body;
  #mould;
  #isHeld;
  #rows = new Map();
  #waiting = new Map();
  // When each row that no longer matches was struck; 0 for one that only fell off the end of the list.
  #leaving = new Map();
  #touched = [];

  constructor({ body, mould, isHeld }) {
    this.#body = body;
    this.#mould = mould;
    this.#isHeld = isHeld;
    for (const element of body.rows) this.#rows.set(element.dataset.id, element);
  }

  get size() { return this.#rows.size - this.#leaving.size; }

  get waiting() { return this.#waiting.size; }

  // Brings the table to what the view says, as far as that moves nothing; `release` does the rest.
  show(view) {
    for (const row of view.rows.values()) {
      const element = this.#rows.get(row.id);
      if (!element) this.#waiting.set(row.id, row);
      else {
        if (patch(element, row)) this.#touched.push(element);
        if (this.#leaving.delete(row.id)) unstrike(element);
      }
    }
    for (const id of this.#waiting.keys()) if (!view.rows.has(id)) this.#waiting.delete(id);
    for (const [id, element] of this.#rows) {
      if (!view.rows.has(id) && !this.#leaving.has(id)) this.#leave(id, element, view.floor);
    }
    this.release();
    this.#flash();
  }

  #flash() {
    if (this.#touched.length <= FLASHED_MAX) flash(this.#touched);
    this.#touched = [];
  }

  #leave(id, element, floor) {
    const isBelow = floor !== null && comesBefore(floor, keyOf(element));
    this.#leaving.set(id, isBelow ? 0 : performance.now());
    if (!isBelow) strike(element);
  }

  release() {
    if (this.#isHeld()) return;
    for (const [id, at] of this.#leaving) if (performance.now() - at > STRUCK_MS) this.#remove(id);
    if (this.#waiting.size) { this.#insert(); this.#flash(); }
    for (const id of this.#leaving.keys()) if (this.#rows.size > ROWS_MAX) this.#remove(id);
  }

  #remove(id) {
    this.#leaving.delete(id);
    this.#rows.get(id).remove();
    this.#rows.delete(id);
  }

  // One walk down the table, both sides newest first.
  #insert() {
    const rows = inOrder(this.#waiting);
    this.#waiting.clear();
    let next = this.#body.firstElementChild;
    for (const row of rows) {
      while (next && !comesBefore(row, keyOf(next))) next = next.nextElementSibling;
      const element = this.#mould.make(row);
      this.#body.insertBefore(element, next);
      this.#rows.set(row.id, element);
      this.#touched.push(element);
    }
  }
}
