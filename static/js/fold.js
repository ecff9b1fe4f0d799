// What a subscription has been told, folded into the rows that it shows: pure, so that any order of frames can be tried.

export const ROWS_MAX = 200;
// Orders that left, kept so that a late word about them does not bring them back.
const GONE_MAX = 2000;

// `after` is up to where the feed is known; `floor` the last row of a list that goes on below what is shown.
export function nothing(limit) {
  return {
    limit, after: null, rows: new Map(), gone: new Map(), floor: null,
    counts: null, total: null, level: 0, waiting: 0,
  };
}

// The state after the frame, and what must be asked of the server for it to be whole:
// null, "resume" (all after `after`), "anew" (a new snapshot) or "refill" (pages by HTTP).
export function fold(state, frame) {
  switch (frame.type) {
    case "snapshot": return { state: isOld(state, frame) ? state : begun(state, frame), ask: null };
    case "delta": return moved(state, frame);
    case "refill": return { state: applied(state, frame), ask: null };
    case "waiting": return { state: { ...state, level: frame.level, waiting: frame.changes }, ask: null };
    // From the number that is known here: the server's may lie beyond a frame that never came.
    case "gap": return { state, ask: state.after ? "refill" : "anew" };
    case "reset": return { state: { ...state, after: null }, ask: "anew" };
    default: return { state, ask: null };
  }
}

// A frame that the network kept back or doubled.
function isOld({ after }, frame) {
  return after !== null && after.epoch === frame.epoch && frame.seq < after.seq;
}

function begun(state, frame) {
  const rows = new Map(frame.rows.map((row) => [row.id, row]));
  const isCut = frame.rows.length >= state.limit;
  return {
    ...nothing(state.limit),
    after: { epoch: frame.epoch, seq: frame.seq },
    rows,
    floor: isCut ? lastOf(rows) : null,
    counts: frame.counts ?? null,
    total: frame.total ?? null,
  };
}

// A frame may overlap what is known, because versions tell old from new; it must not leave a hole.
function moved(state, frame) {
  const { after } = state;
  if (after === null) return { state, ask: "anew" };
  // An empty feed has no epoch until its first event names one.
  const isSameFeed = after.epoch === frame.epoch || (after.epoch === "" && after.seq === 0);
  if (!isSameFeed || frame.prev > after.seq) return { state, ask: "resume" };
  if (isOld(state, frame)) return { state, ask: null };
  const next = applied(state, frame);
  return isThin(next) ? { state: { ...next, after: null }, ask: "anew" } : { state: next, ask: null };
}

function applied(state, frame) {
  const rows = new Map(state.rows);
  const gone = new Map(state.gone);
  for (const { id, version } of frame.removes ?? []) {
    if ((rows.get(id)?.version ?? 0) <= version) {
      rows.delete(id);
      gone.set(id, Math.max(version, gone.get(id) ?? 0));
    }
  }
  for (const row of frame.upserts ?? []) {
    const known = Math.max(rows.get(row.id)?.version ?? 0, gone.get(row.id) ?? 0);
    const isBelow = state.floor !== null && comesBefore(state.floor, row);
    if (row.version <= known || isBelow) continue;
    rows.set(row.id, row);
    gone.delete(row.id);
  }
  const floor = trimmed(rows) ?? state.floor;
  for (const id of [...gone.keys()].slice(0, Math.max(0, gone.size - GONE_MAX))) gone.delete(id);
  return {
    ...state, rows, gone, floor,
    after: { epoch: frame.epoch, seq: Math.max(frame.seq, state.after?.seq ?? 0) },
    counts: frame.counts ?? state.counts,
    total: frame.total ?? state.total,
    level: frame.level ?? 0,
    waiting: 0,
  };
}

// So many left that what lies below the floor belongs into sight.
function isThin(state) {
  return state.floor !== null && state.rows.size < state.limit / 2;
}

// Drops the oldest rows beyond the most that are shown, and says where the list ends then.
function trimmed(rows) {
  if (rows.size <= ROWS_MAX) return null;
  const ordered = inOrder(rows);
  for (const row of ordered.slice(ROWS_MAX)) rows.delete(row.id);
  return ordered[ROWS_MAX - 1];
}

export function inOrder(rows) {
  return [...rows.values()].sort((a, b) => (comesBefore(a, b) ? -1 : 1));
}

// Newest first; the id decides between orders of one millisecond, as in the server's lists.
export function comesBefore(one, other) {
  return one.created_at > other.created_at || (one.created_at === other.created_at && one.id > other.id);
}

function lastOf(rows) {
  return inOrder(rows).at(-1) ?? null;
}
