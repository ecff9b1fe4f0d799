// <dp-part>: a part of a page that the server draws; the socket says that it changed, the server how it looks now.

import { connection } from "./connection.js";

const RETRY_MS = 2000;

class Part extends HTMLElement {
  #isFetching = false;
  #wanted = 0;
  #isOld = false;
  #fetchedAt = 0;
  #timer = null;

  connectedCallback() {
    connection().subscribe(this.dataset.topic, { limit: 1, changed: (_, frame) => this.#receive(frame) });
  }

  // An order says by its version whether it is old; a page of figures is old whenever figures are told.
  #receive(frame) {
    if (this.#version === null) this.#isOld = true;
    else for (const row of frame.rows ?? frame.upserts ?? []) this.#wanted = Math.max(this.#wanted, row.version);
    this.#refreshWhenDue();
  }

  get #version() {
    const shown = this.firstElementChild.dataset.version;
    return shown === undefined ? null : Number(shown);
  }

  get #needsFetch() {
    return this.#version === null ? this.#isOld : this.#wanted > this.#version;
  }

  #refreshWhenDue() {
    clearTimeout(this.#timer);
    if (!this.#needsFetch || this.#isFetching) return;
    const wait = this.#fetchedAt + Number(this.dataset.everyMs ?? 0) - performance.now();
    // Rows do not move under the pointer.
    const isHeld = this.querySelector("tbody:hover") !== null;
    if (wait <= 0 && !isHeld) this.#refresh();
    else this.#timer = setTimeout(() => this.#refreshWhenDue(), Math.max(wait, 250));
  }

  async #refresh() {
    this.#isFetching = true;
    this.#isOld = false;
    let isShown = false;
    try {
      const answer = await fetch(this.dataset.part, { headers: { Accept: "text/html" }, redirect: "error" });
      if (!answer.ok) throw new Error(`answered ${answer.status}`);
      this.#show(await answer.text());
      isShown = true;
    } catch {
      this.#isOld = true;
    }
    this.#isFetching = false;
    this.#fetchedAt = performance.now();
    if (isShown) this.#refreshWhenDue();
    else this.#timer = setTimeout(() => this.#refreshWhenDue(), RETRY_MS);
  }

  #show(html) {
    const before = this.firstElementChild;
    const known = new Set([...before.querySelectorAll("[data-mark]")].map((item) => item.dataset.mark));
    const focused = before.contains(document.activeElement) ? document.activeElement.dataset.id : undefined;
    const after = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
    before.replaceWith(after);
    if (after.dataset.title) document.title = after.dataset.title;
    for (const item of after.querySelectorAll("[data-mark]")) {
      if (!known.has(item.dataset.mark)) item.classList.add("changed");
    }
    if (focused) after.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
  }
}

customElements.define("dp-part", Part);
