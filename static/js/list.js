// <dp-list>: a page of orders whose values are true while it is read; no row comes or leaves by itself.

import { Announcer } from "./announce.js";
import { connection } from "./connection.js";
import { grouped, matchWords, showCounts } from "./counts.js";
import { comesBefore, ROWS_MAX } from "./fold.js";
import { flash, keyOf, patch, strike, unstrike } from "./rows.js";

class List extends HTMLElement {
  #rows = new Map();

  connectedCallback() {
    this.isNewest = this.dataset.cursor === "";
    this.pill = this.querySelector("[data-new]");
    this.announcer = new Announcer(this.querySelector("[data-said]"));
    for (const element of this.querySelectorAll("tr[data-id]")) this.#rows.set(element.dataset.id, element);
    this.newest = this.querySelector("tr[data-id]");
    this.feed = connection().subscribe("feed", {
      q: this.dataset.q, limit: Number(this.dataset.limit), changed: (_, frame) => this.#changed(frame),
    });
  }

  #changed(frame) {
    const { view } = this.feed;
    for (const row of frame.rows ?? frame.upserts ?? []) this.#patch(row);
    for (const { id, version } of frame.removes ?? []) this.#strike(id, version);
    if (frame.type === "snapshot") this.#compare(view);
    showCounts(document, view);
    const match = matchWords(view);
    const place = this.querySelector("[data-match]");
    if (match !== null && place) place.textContent = match;
    this.#count(view);
  }

  #patch(row) {
    const element = this.#rows.get(row.id);
    if (!element) return;
    if (patch(element, row)) flash([element]);
    if (row.version >= Number(element.dataset.version)) unstrike(element);
  }

  #strike(id, version) {
    const element = this.#rows.get(id);
    if (element && Number(element.dataset.version) <= version) strike(element);
  }

  // The newest page is in the snapshot; of an older one only the server knows how it looks now.
  #compare(view) {
    if (!this.isNewest) { this.#readAgain(); return; }
    for (const [id, element] of this.#rows) {
      const isBelow = view.floor !== null && comesBefore(view.floor, keyOf(element));
      if (!view.rows.has(id) && !isBelow) strike(element);
    }
  }

  async #readAgain() {
    const answer = await fetch(window.location.href, { headers: { Accept: "text/html" }, redirect: "error" })
      .catch(() => null);
    if (!answer?.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const fresh of page.querySelectorAll("tr[data-id]")) {
      const element = this.#rows.get(fresh.dataset.id);
      if (!element || Number(fresh.dataset.version) <= Number(element.dataset.version)) continue;
      element.replaceChildren(...fresh.children);
      for (const name of ["version", "status"]) element.dataset[name] = fresh.dataset[name];
    }
  }

  #count(view) {
    if (!this.isNewest) return;
    const fresh = [...view.rows.values()].filter((row) => this.#isNew(row)).length;
    this.pill.hidden = fresh === 0;
    const words = `${grouped(fresh)}${fresh >= ROWS_MAX ? "+" : ""} new`;
    this.pill.textContent = fresh ? `${words} – show` : "";
    this.announcer.say(fresh ? words : "");
  }

  #isNew(row) {
    return !this.#rows.has(row.id) && (!this.newest || comesBefore(row, keyOf(this.newest)));
  }
}

customElements.define("dp-list", List);
