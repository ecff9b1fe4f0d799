// All times are UTC; beside them, what the clock says where the reader is.

const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;
const ZONE = new Intl.DateTimeFormat("en", { timeZoneName: "short" });

function zoneAt(instant) {
  return ZONE.formatToParts(instant).find(({ type }) => type === "timeZoneName").value;
}

// The clock in the head of the page; nothing where the reader's clock is UTC.
export function showHere() {
  const place = document.querySelector("[data-here]");
  const now = new Date();
  if (!place || now.getTimezoneOffset() === 0) return;
  const clock = now.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const text = `, here ${clock} ${zoneAt(now)}`;
  if (place.textContent !== text) place.textContent = text;
}

// An instant under the pointer says both times; written only then, since few of many are asked.
document.addEventListener("pointerover", ({ target }) => {
  const place = target.closest?.("time[datetime], [title]");
  const iso = place?.dateTime || place?.title || "";
  if (!INSTANT.test(iso)) return;
  const instant = new Date(iso);
  const utc = `${iso.slice(0, 10)} ${iso.slice(11, -1)} UTC`;
  const here = `${instant.toLocaleDateString("sv")} ${instant.toLocaleTimeString("en-GB")} ${zoneAt(instant)}, here`;
  place.title = instant.getTimezoneOffset() === 0 ? utc : `${utc}\n${here}`;
});
