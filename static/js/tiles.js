// <dp-counts>: figures by status that the socket keeps true where they stand.

import { connection } from "./connection.js";
import { showCounts } from "./counts.js";

class Counts extends HTMLElement {
  connectedCallback() {
    connection().subscribe("counts", { limit: 1, changed: ({ view }) => showCounts(this, view) });
  }
}

customElements.define("dp-counts", Counts);
