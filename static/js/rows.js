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

// Writes only what differs, so that a repeated row costs nothing and a selection survives.
export function fill(element, row) {
  element.dataset.version = row.version;
  for (const place of element.querySelectorAll("[data-field]")) {
    const text = String(row[place.dataset.field]);
    if (place.textContent !== text) place.textContent = text;
  }
  const status = element.querySelector("[data-status]");
  status.className = `status tone-${row.tone}`;
  status.querySelector("use").setAttribute("href", `#s-${row.shape}`);
  element.querySelector(".c-next").title = row.sentence;
}

// Newest first; the id decides between orders of one millisecond, as in the server's lists.
export function comesBefore(row, element) {
  const { created, id } = element.dataset;
  return row.created_at > created || (row.created_at === created && row.id > id);
}
