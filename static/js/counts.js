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

// The statuses that the filter lets through are those whose chips are on; without one it is all of them.
export function matching(root, view) {
  if (view.counts === null) return view.total?.count ?? null;
  const chosen = [...root.querySelectorAll("[data-status-chip][aria-current]")].map((chip) => chip.dataset.statusChip);
  const counts = chosen.length ? chosen.map((status) => view.counts[status] ?? 0) : Object.values(view.counts);
  return counts.reduce((all, count) => all + count, 0);
}

function sum(counts) {
  return Object.values(counts).reduce((all, count) => all + count, 0);
}

export function matchWords(root, view) {
  const count = matching(root, view);
  if (count === null) return null;
  const about = view.total && !view.total.is_exact ? "about " : "";
  return `${about}${grouped(count)}`;
}
