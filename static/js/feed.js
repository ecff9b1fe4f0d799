// <dp-feed>: the table that moves by itself, but never under the reader's hand.

import { Announcer } from "./announce.js";
import { connection } from "./connection.js";
import { grouped, matchWords, showCounts } from "./counts.js";
import { Rate } from "./rate.js";
import { RowMould } from "./rows.js";
import { ROWS_MAX } from "./fold.js";
import { Table } from "./table.js";

const TICK_MS = 500;

class Feed extends HTMLElement {
  #isHovered = false;
  #title = document.title;
  #waited = 0;

  connectedCallback() {
    this.body = this.querySelector("[data-rows]");
    this.scroller = this.querySelector("[data-scroll]");
    this.pill = this.querySelector("[data-new]");
    this.button = this.querySelector("[data-pause]");
    this.rate = new Rate(this);
    this.announcer = new Announcer(this.querySelector("[data-said]"));
    this.table = new Table({
      body: this.body, mould: new RowMould(this.querySelector("template[data-row]")), isHeld: () => this.#isHeld,
    });
    this.feed = connection().subscribe("feed", {
      q: this.dataset.q, limit: Number(this.dataset.limit), changed: (_, frame) => this.#changed(frame),
    });
    this.#listen();
    this.#hide();
  }

  #listen() {
    this.button.hidden = false;
    this.button.addEventListener("click", () => this.#setPaused(!this.#isPaused));
    this.pill.addEventListener("click", () => this.#follow());
    this.body.addEventListener("pointerenter", () => { this.#isHovered = true; });
    this.body.addEventListener("pointerleave", () => { this.#isHovered = false; this.#release(); });
    this.scroller.addEventListener("scroll", () => this.#release(), { passive: true });
    document.addEventListener("visibilitychange", () => this.#hide());
    document.addEventListener("dp-key", (event) => {
      if (event.detail === " ") { this.#setPaused(!this.#isPaused); event.preventDefault(); }
      if (event.detail === "n") this.#follow();
    });
    setInterval(() => this.#release(), TICK_MS);
  }

  get #isPaused() { return this.feed.pausedBy === "you"; }

  // Rows wait while they would move what someone points at, reads further down, has selected, or has stopped.
  get #isHeld() {
    const selection = document.getSelection();
    return this.#isPaused || this.#isHovered || this.scroller.scrollTop > 0
      || this.body.contains(document.activeElement)
      || document.querySelector("dialog[open]") !== null
      || (!selection.isCollapsed && selection.containsNode(this.body, true));
  }

  #changed(frame) {
    this.rate.count(this.#changesIn(frame));
    showCounts(document, this.feed.view);
    if (!this.#isPaused) this.table.show(this.feed.view);
    if (frame.type !== "waiting") this.#stamp();
    this.#show();
  }

  #changesIn(frame) {
    const before = this.#waited;
    this.#waited = this.feed.view.waiting;
    if (frame.type === "waiting") return Math.max(0, this.#waited - before);
    return Math.max(0, (frame.n_events ?? 0) - before);
  }

  #release() {
    this.table.release();
    this.#show();
  }

  #setPaused(isPaused) {
    this.feed.pause(isPaused ? "you" : null);
    this.button.setAttribute("aria-pressed", String(isPaused));
    this.button.querySelector("[data-pause-word]").textContent = isPaused ? "Follow" : "Pause";
    if (!isPaused) this.table.show(this.feed.view);
    connection().settle();
    this.#show();
  }

  // A page that nobody sees needs no rows, only to know how much it misses.
  #hide() {
    const isHidden = document.visibilityState === "hidden";
    if (isHidden && !this.#isPaused) this.feed.pause("hidden");
    if (!isHidden && this.feed.pausedBy === "hidden") this.feed.pause(null);
    this.#show();
  }

  #follow() {
    if (this.body.contains(document.activeElement)) document.activeElement.blur();
    document.getSelection().removeAllRanges();
    this.#isHovered = false;
    this.scroller.scrollTop = 0;
    if (this.#isPaused) this.#setPaused(false);
    else this.#release();
  }

  #show() {
    const fresh = this.table.waiting;
    this.pill.hidden = fresh === 0;
    write(this.pill, fresh ? `${grouped(fresh)}${fresh >= ROWS_MAX ? "+" : ""} new` : "");
    this.announcer.say(fresh ? `${grouped(fresh)} new` : "");
    write(this.querySelector("[data-level]"), this.#levelWords());
    write(this.querySelector("[data-shown]"), grouped(this.table.size));
    const match = matchWords(this.feed.view);
    if (match !== null) write(this.querySelector("[data-match]"), match);
    this.querySelector("[data-empty]").hidden = this.body.rows.length > 0;
    const { pausedBy, view } = this.feed;
    document.title = pausedBy && view.waiting ? `(${grouped(view.waiting)}) ${this.#title}` : this.#title;
  }

  #levelWords() {
    const { waiting, level } = this.feed.view;
    if (waiting) return `${grouped(waiting)} ${waiting === 1 ? "change" : "changes"} waiting`;
    return level === 1 ? "slowed to twice a second" : "";
  }

  #stamp() {
    const asOf = this.querySelector("[data-as-of]");
    asOf.dateTime = new Date().toISOString();
    asOf.textContent = asOf.dateTime.slice(11, 23);
  }
}

function write(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

customElements.define("dp-feed", Feed);
