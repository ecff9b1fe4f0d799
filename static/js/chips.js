// <dp-chips>: chips on one line; those that find no room stand behind a button, over the page and not in it.

class Chips extends HTMLElement {
  connectedCallback() {
    this.row = this.querySelector("nav");
    this.button = this.querySelector("button");
    this.button.addEventListener("click", () => this.#open(!this.#isOpen));
    this.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.#isOpen) return;
      this.#open(false);
      this.button.focus();
      event.stopPropagation();
    });
    document.addEventListener("click", (event) => { if (!this.contains(event.target)) this.#open(false); });
    new ResizeObserver(() => this.#measure()).observe(this.row);
    new MutationObserver((changes) => this.#changed(changes))
      .observe(this.row, { subtree: true, characterData: true, childList: true, attributeFilter: ["data-none"] });
    document.fonts?.ready.then(() => this.#measure());
  }

  get #isOpen() { return this.button.getAttribute("aria-expanded") === "true"; }

  get #chips() { return [...this.row.children]; }

  #open(isOpen) {
    if (isOpen !== this.#isOpen) this.button.setAttribute("aria-expanded", String(isOpen));
  }

  #isCut(chip) {
    const first = this.row.firstElementChild;
    return chip.offsetParent !== null && chip.offsetTop >= first.offsetTop + first.offsetHeight;
  }

  #measure() {
    if (!this.#isOpen) this.#bringForward();
    const cut = this.#chips.filter((chip) => this.#isCut(chip)).length;
    this.button.hidden = cut === 0 && !this.#isOpen;
    if (cut) this.button.textContent = `${cut} more`;
  }

  // The one that was chosen is in sight, also when fonts, counts or a smaller window have cut it off since.
  #bringForward() {
    const chosen = this.#chips.filter((chip) => chip.hasAttribute("aria-current"));
    if (chosen.length === 1 && this.#isCut(chosen[0])) this.row.firstElementChild.after(chosen[0]);
  }

  // A status that orders come to have moves up to the others that have some, and moves none of those.
  #changed(changes) {
    for (const { type, target } of changes) {
      if (type !== "attributes" || target.hasAttribute("data-none") || !this.#isCut(target)) continue;
      if (this.#isOpen || target.matches(":hover, :focus")) continue;
      this.#chips.findLast((chip) => chip !== target && !chip.hasAttribute("data-none"))?.after(target);
    }
    this.#measure();
  }
}

customElements.define("dp-chips", Chips);
