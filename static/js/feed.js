// <dp-feed>: the table that moves by itself, but never under the reader's hand.

import { showState } from "./badge.js";
import { Connection } from "./connection.js";
import { Rate } from "./rate.js";
import { comesBefore, fill, RowMould } from "./rows.js";

const ROWS_MAX = 500;

class Feed extends HTMLElement {
  #rows = new Map();
  #waiting = new Map();
  #isPaused = false;
  #isHovered = false;

  connectedCallback() {
    this.body = this.querySelector("[data-rows]");
    this.scroller = this.querySelector("[data-scroll]");
    this.pill = this.querySelector("[data-new]");
    this.pause = this.querySelector("[data-pause]");
    this.mould = new RowMould(this.querySelector("template[data-row]"));
    for (const element of this.body.rows) this.#rows.set(element.dataset.id, element);
    this.rate = new Rate(this);
    this.#listen();
    this.connection = new Connection("/ws/console/");
    this.connection.addEventListener("state", () => showState(this.connection, this.#isPaused));
    this.connection.subscribe("feed", "feed", Number(this.dataset.limit), (frame) => this.#receive(frame));
  }

  #listen() {
    this.pause.hidden = false;
    this.pause.addEventListener("click", () => this.#setPaused(!this.#isPaused));
    this.pill.addEventListener("click", () => this.#follow());
    this.body.addEventListener("pointerenter", () => { this.#isHovered = true; });
    this.body.addEventListener("pointerleave", () => { this.#isHovered = false; this.#release(); });
    this.scroller.addEventListener("scroll", () => this.#release(), { passive: true });
    document.addEventListener("dp-key", (event) => {
      if (event.detail === " ") { this.#setPaused(!this.#isPaused); event.preventDefault(); }
      if (event.detail === "n") this.#follow();
    });
  }

  // New rows wait while they would move what someone points at, reads further down, or has stopped.
  get #isHeld() {
    return this.#isPaused || this.#isHovered || this.scroller.scrollTop > 0
      || (this.body.contains(document.activeElement) && document.activeElement !== document.body);
  }

  #receive(frame) {
    if (frame.type === "snapshot") this.#replace(frame.rows);
    else {
      this.rate.count(frame.n_events);
      this.#upsert(frame.upserts);
    }
    this.#show();
    this.#stamp();
  }

  // What the new snapshot lacks leaves; the rest is patched, so that an unchanged row stays the same element.
  #replace(rows) {
    const kept = new Set(rows.map((row) => row.id));
    if (!this.#isHeld) {
      for (const [id, element] of this.#rows) if (!kept.has(id)) { element.remove(); this.#rows.delete(id); }
    }
    this.#upsert(rows);
  }

  #upsert(rows) {
    for (const row of rows) {
      const element = this.#rows.get(row.id);
      if (element && !this.#isPaused) this.#patch(element, row);
      else this.#wait(row);
    }
    this.#release();
  }

  #patch(element, row) {
    if (row.version <= Number(element.dataset.version)) return;
    fill(element, row);
    flash(element);
  }

  #wait(row) {
    const known = this.#waiting.get(row.id);
    if (!known || row.version >= known.version) this.#waiting.set(row.id, row);
  }

  #release() {
    if (this.#waiting.size && !this.#isHeld) {
      const rows = [...this.#waiting.values()].sort((a, b) => (a.created_at < b.created_at ? -1 : 1));
      this.#waiting.clear();
      for (const row of rows) this.#place(row);
      this.#trim();
    }
    this.#show();
  }

  #place(row) {
    const known = this.#rows.get(row.id);
    if (known) { this.#patch(known, row); return; }
    const element = this.mould.make(row);
    let next = this.body.firstElementChild;
    while (next && !comesBefore(row, next)) next = next.nextElementSibling;
    this.body.insertBefore(element, next);
    this.#rows.set(row.id, element);
    flash(element);
  }

  #trim() {
    while (this.#rows.size > ROWS_MAX) {
      const last = this.body.lastElementChild;
      this.#rows.delete(last.dataset.id);
      last.remove();
    }
  }

  #setPaused(isPaused) {
    this.#isPaused = isPaused;
    this.pause.setAttribute("aria-pressed", String(isPaused));
    this.pause.querySelector("[data-pause-word]").textContent = isPaused ? "Follow" : "Pause";
    this.#release();
    showState(this.connection, isPaused);
  }

  #follow() {
    if (this.body.contains(document.activeElement)) document.activeElement.blur();
    this.#isHovered = false;
    this.scroller.scrollTop = 0;
    if (this.#isPaused) this.#setPaused(false);
    else this.#release();
  }

  #show() {
    const fresh = [...this.#waiting.keys()].filter((id) => !this.#rows.has(id)).length;
    const changed = this.#waiting.size - fresh;
    const words = [fresh && `${fresh} new`, changed && `${changed} changed`].filter(Boolean).join(", ");
    this.pill.hidden = !words;
    if (words) this.pill.textContent = words;
    this.querySelector("[data-shown]").textContent = this.#rows.size;
    this.querySelector("[data-empty]").hidden = this.#rows.size > 0;
  }

  #stamp() {
    const asOf = this.querySelector("[data-as-of]");
    asOf.dateTime = new Date().toISOString();
    asOf.textContent = asOf.dateTime.slice(11, 23);
  }
}

function flash(element) {
  element.classList.remove("changed");
  void element.offsetWidth; // restarts the animation when the row changes again within it
  element.classList.add("changed");
}

customElements.define("dp-feed", Feed);
