// Numbers beside the words of the statuses, and how many orders match: written where they stand, moving nothing.

export function grouped(number) {
  return number.toLocaleString("en");
}

// Marks a number that changed, unless it is the first one told.
export function showCounts(root, view) {
  if (view.counts === null) return;
  for (const place of root.querySelectorAll("[data-count-of]")) {
    const count = place.dataset.countOf === "" ? sum(view.counts) : view.counts[place.dataset.countOf] ?? 0;
    place.parentElement.toggleAttribute("data-none", count === 0);
    const text = grouped(count);
    if (place.textContent === text) continue;
    place.textContent = text;
    place.classList.remove("changed");
    void place.offsetWidth; // restarts the animation
    place.classList.add("changed");
  }
}

// How many match the filter; null while nobody could say.
export function matchWords({ counts, total }) {
  if (counts === null || total === null) return null;
  return `${total.is_exact ? "" : "about "}${grouped(total.count)}`;
}

function sum(counts) {
  return Object.values(counts).reduce((all, count) => all + count, 0);
}
