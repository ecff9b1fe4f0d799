// Which state the badge may claim: the worst of what is known.

// The server beats every 5 s; one beat half its time late is already news.
export const SILENCE_MS = 7500;
// A break that is over so soon was none.
const CATCHING_MS = 400;

export function judged({ ended, isOpen, silence, mode, subscriptions }) {
  if (ended) return ended;
  const hasShown = subscriptions.some((each) => each.hasShown);
  if (!isOpen || silence > SILENCE_MS) return hasShown ? "stale" : "connecting";
  if (subscriptions.some((each) => each.pausedBy === "you" && each.hasShown)) return mode === "stale" ? "stale" : "paused";
  const late = subscriptions.filter((each) => !each.isReady && !each.pausedBy);
  if (late.some((each) => !each.hasShown)) return "connecting";
  if (late.some((each) => each.isRefilling || each.waitedFor > CATCHING_MS)) return "catching-up";
  if (mode === "stale") return "stale";
  if (subscriptions.some((each) => each.view.level === 2 && !each.pausedBy)) return "loaded";
  return mode;
}
