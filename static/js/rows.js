// A table row from a row of data: the server's own markup is the mould, text goes in as text.

const HREF = /[^/]*$/;

export class RowMould {
  #template;

  constructor(template) {
    this.#template = template;
  }

  make(row) {
    const element = this.#template.content.firstElementChild.cloneNode(true);
    element.dataset.id = row.id;
    element.dataset.created = row.created_at;
    const link = element.querySelector("a");
    link.href = `${window.location.pathname.replace(HREF, "orders/")}${encodeURIComponent(row.id)}`;
    link.title = row.id;
    element.querySelector(".c-time").title = row.created_at;
    fill(element, row);
    return element;
  }
}

// Brings an element to the row's version, and says whether that changed anything: an older one does not.
export function patch(element, row) {
  if (row.version <= Number(element.dataset.version)) return false;
  fill(element, row);
  return true;
}

// Writes only what differs, so that a repeated row costs nothing and a selection survives.
function fill(element, row) {
  element.dataset.version = row.version;
  element.dataset.status = row.status;
  for (const place of element.querySelectorAll("[data-field]")) {
    const text = String(row[place.dataset.field] ?? "");
    if (place.textContent !== text) place.textContent = text;
  }
  const status = element.querySelector("[data-status-mark]");
  status.className = `status tone-${row.tone}`;
  status.querySelector("use").setAttribute("href", `#s-${row.shape}`);
  entitle(element.querySelector(".c-payee"), [row.payer, row.paid].filter(Boolean).join(" → "));
  entitle(element.querySelector(".c-next"), row.sentence);
  entitle(element.querySelector(".c-reference"), row.reference);
}

// What a narrow column cuts off stands whole in its title.
function entitle(cell, text) {
  if (cell && cell.title !== text) cell.title = text;
}

// A row that no longer matches is told from the others before it leaves.
export function strike(element) {
  element.classList.add("struck");
  element.title = "No longer matches the filter";
}

export function unstrike(element) {
  element.classList.remove("struck");
  element.removeAttribute("title");
}

// One layout for all of them: between taking the class off and putting it on again, so that the animation starts anew.
export function flash(elements) {
  for (const element of elements) element.classList.remove("changed");
  if (elements.length) void elements[0].offsetWidth;
  for (const element of elements) element.classList.add("changed");
}

export function keyOf(element) {
  return { created_at: element.dataset.created, id: element.dataset.id };
}
