// <dp-order>: one order's page; the socket says that it changed, the server says how it looks now.

import { showState } from "./badge.js";
import { Connection } from "./connection.js";

const RETRY_MS = 2000;

class Order extends HTMLElement {
  #isFetching = false;
  #wanted = 0;

  connectedCallback() {
    this.connection = new Connection("/ws/console/");
    this.connection.addEventListener("state", () => showState(this.connection));
    this.connection.subscribe("order", `order:${this.dataset.id}`, 1, (frame) => {
      for (const row of frame.rows ?? frame.upserts) this.#want(row.version);
    });
  }

  get #version() {
    return Number(this.querySelector("[data-version]").dataset.version);
  }

  #want(version) {
    this.#wanted = Math.max(this.#wanted, version);
    if (this.#wanted > this.#version && !this.#isFetching) this.#refresh();
  }

  async #refresh() {
    this.#isFetching = true;
    try {
      const answer = await fetch(this.dataset.part, { headers: { Accept: "text/html" }, redirect: "error" });
      if (!answer.ok) throw new Error(`answered ${answer.status}`);
      this.#show(await answer.text());
    } catch {
      setTimeout(() => this.#want(this.#wanted), RETRY_MS);
    } finally {
      this.#isFetching = false;
    }
    if (this.#wanted > this.#version) setTimeout(() => this.#want(this.#wanted), RETRY_MS);
  }

  #show(html) {
    const known = new Set([...this.querySelectorAll(".step")].map((step) => step.id));
    const part = new DOMParser().parseFromString(html, "text/html").querySelector(".order-part");
    this.querySelector(".order-part").replaceWith(part);
    document.title = part.dataset.title;
    for (const step of part.querySelectorAll(".step")) {
      if (!known.has(step.id)) step.classList.add("changed");
    }
  }
}

customElements.define("dp-order", Order);
