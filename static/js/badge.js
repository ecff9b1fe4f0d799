// The badge that says whether the page is live, and the bars that say what follows from it.

const LOOKS = {
  connecting: { shape: "ring-dashed", tone: "neutral", word: "connecting" },
  live: { shape: "dot-waves", tone: "settled", word: "live" },
  slow: { shape: "ring-half", tone: "hold", word: "slow mode" },
  paused: { shape: "octagon-pause", tone: "neutral", word: "paused by you" },
  loaded: { shape: "octagon-pause", tone: "hold", word: "paused by load" },
  "catching-up": { shape: "ring-half", tone: "progress", word: "catching up" },
  stale: { shape: "triangle-clock", tone: "hold", word: "stale" },
  "signed-out": { shape: "circle-dash", tone: "failed", word: "signed out" },
  rights: { shape: "circle-dash", tone: "failed", word: "rights changed" },
  reload: { shape: "circle-dash", tone: "failed", word: "reload the page" },
  refused: { shape: "circle-dash", tone: "failed", word: "not live" },
};

const RELOAD = "Reload the page";

const EXPLAINED = {
  slow: () => ({ text: "Slow mode: changes arrive, but up to a second later, because the fast path is down." }),
  loaded: () => ({ text: "More changes than a table can show: rows rest until it calms down, counts go on." }),
  stale: ({ since }) => ({ text: `Not live since ${since}. What you see may be behind; it catches up by itself.` }),
  "signed-out": () => ({ text: "You are signed out. What you see does not move any more.", act: "Sign in" }),
  rights: () => ({ text: "Your rights have changed. What you see does not move any more.", act: RELOAD }),
  reload: () => ({ text: "The server speaks another version now.", act: RELOAD }),
  refused: ({ refusal }) => ({ text: `This page is not live: ${refusal}` }),
};

// Below this a lag is the ordinary way of a change through the platform.
const LAG_SAID_MS = 1000;

function clockTime(instant) {
  return `${instant.toISOString().slice(11, 19)} UTC`;
}

export function showState(connection) {
  const { state } = connection;
  const since = connection.freshAt ? clockTime(connection.freshAt) : "this page was opened";
  const badge = document.querySelector("dp-badge");
  if (badge) showBadge(badge, connection, since);
  const explained = EXPLAINED[state]?.({ since, refusal: connection.refusal });
  showBar("state", explained, LOOKS[state].tone);
  const outdated = { text: "A newer version of this console is in use.", act: RELOAD };
  showBar("build", connection.isOutdated && state !== "reload" ? outdated : null, "progress");
}

function showBadge(badge, { state, freshAt, lag, missing }, since) {
  const look = LOOKS[state];
  badge.dataset.state = state;
  badge.className = `badge tone-${look.tone}`;
  badge.querySelector("use").setAttribute("href", `#s-${look.shape}`);
  write(badge.querySelector(".badge-word"), state === "stale" && freshAt ? `stale since ${since}` : look.word);
  write(badge.querySelector(".badge-figure"), figure(state, lag, missing));
}

// Outside the part that is read aloud: it changes with every beat.
function figure(state, lag, missing) {
  if (state === "catching-up") return missing ? `${missing.toLocaleString("en")} to go` : "";
  if (state !== "live" && state !== "slow") return "";
  return lag < LAG_SAID_MS ? "lag under 1 s" : `lag ${Math.round(lag / 1000)} s`;
}

function showBar(kind, explained, tone) {
  const known = document.querySelector(`.state-bar[data-kind="${kind}"]`);
  if (!explained) {
    known?.remove();
    return;
  }
  const bar = known ?? newBar(kind);
  bar.className = `state-bar tone-${tone}`;
  write(bar.querySelector("span"), explained.text);
  const button = bar.querySelector("button");
  button.hidden = !explained.act;
  write(button, explained.act ?? "");
}

function newBar(kind) {
  const bar = document.createElement("p");
  bar.dataset.kind = kind;
  const button = document.createElement("button");
  button.addEventListener("click", () => window.location.reload());
  bar.append(document.createElement("span"), button);
  barsOf(document.querySelector("main")).append(bar);
  return bar;
}

function barsOf(main) {
  const known = main.querySelector(".state-bars");
  if (known) return known;
  const bars = document.createElement("div");
  bars.className = "state-bars";
  bars.setAttribute("role", "status");
  main.append(bars);
  return bars;
}

function write(place, text) {
  if (place.textContent !== text) place.textContent = text;
}
