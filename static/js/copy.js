// <dp-copy>: a button that copies the text of the element that it names, and says that it did.

const SAID_MS = 2000;

class Copy extends HTMLElement {
  connectedCallback() {
    if (!navigator.clipboard) return;
    this.hidden = false;
    const button = this.querySelector("button");
    const word = button.textContent;
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      const text = document.getElementById(this.dataset.of).textContent;
      button.textContent = await navigator.clipboard.writeText(text).then(() => "Copied", () => "Not copied");
      setTimeout(() => { button.textContent = word; }, SAID_MS);
    });
  }
}

customElements.define("dp-copy", Copy);
