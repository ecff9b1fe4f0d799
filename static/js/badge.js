// The badge that says whether the page is live, and the bar that says so aloud when it is not.

const LOOKS = {
  connecting: { shape: "ring-dashed", tone: "neutral", word: "connecting" },
  live: { shape: "dot-waves", tone: "settled", word: "live" },
  slow: { shape: "ring-half", tone: "hold", word: "slow mode" },
  paused: { shape: "octagon-pause", tone: "neutral", word: "paused by you" },
  stale: { shape: "triangle-clock", tone: "hold", word: "stale" },
  "signed-out": { shape: "circle-dash", tone: "failed", word: "signed out" },
  reload: { shape: "circle-dash", tone: "failed", word: "reload the page" },
};

const EXPLAINED = {
  slow: "Slow mode: changes arrive, but up to a second later, because the fast path is down.",
  stale: (since) => `Not live since ${since}. What you see may be behind; it catches up by itself.`,
  "signed-out": "You are signed out. What you see does not move any more. Reload the page to sign in.",
  reload: "The server speaks another version now. Reload the page to go on.",
};

export function clockTime(instant) {
  return `${instant.toISOString().slice(11, 19)} UTC`;
}

export function showState(connection, isPaused = false) {
  const badge = document.querySelector("dp-badge");
  if (!badge) return;
  const shown = isPaused && connection.state === "live" ? "paused" : connection.state;
  const look = LOOKS[shown];
  const since = connection.freshAt ? clockTime(connection.freshAt) : "this page was opened";
  badge.dataset.state = shown;
  badge.className = `badge tone-${look.tone}`;
  badge.querySelector("use").setAttribute("href", `#s-${look.shape}`);
  const word = shown === "stale" && connection.freshAt ? `stale since ${since}` : look.word;
  const place = badge.querySelector(".badge-word");
  if (place.textContent !== word) place.textContent = word;
  showBar(shown, since);
}

function showBar(state, since) {
  let bar = document.querySelector(".state-bar");
  const explained = EXPLAINED[state];
  if (!explained) {
    bar?.remove();
    return;
  }
  if (!bar) {
    bar = document.createElement("p");
    document.querySelector(".top").after(bar);
  }
  bar.className = `state-bar tone-${LOOKS[state].tone}`;
  bar.textContent = typeof explained === "function" ? explained(since) : explained;
}
