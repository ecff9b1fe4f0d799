// A feed with a lossy way to the browser's Subscription: what the server knows, and what the network does to it.

import { inOrder } from "/static/js/fold.js";
import { Subscription } from "/static/js/subscription.js";

const STATUSES = ["RECEIVED", "HELD", "COMPLETED", "REJECTED"];
const RING = 60;

// Numbers of a seed, the same every time.
function dice(seed) {
  let state = seed >>> 0;
  return (sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

class Server {
  constructor(roll, wanted) {
    Object.assign(this, { roll, wanted, epoch: "feed_1", events: [], coming: [], orders: new Map(), told: 0 });
  }

  get seq() { return this.events.length; }

  matches(row) { return this.wanted.includes(row.status); }

  move() {
    const isNew = this.orders.size === 0 || this.roll(3) === 0;
    const number = isNew ? this.orders.size + 1 : this.roll(this.orders.size) + 1;
    const id = `ord_${String(number).padStart(4, "0")}`;
    const before = this.orders.get(id);
    const row = {
      id, created_at: before?.created_at ?? String(1000 + number), version: (before?.version ?? 0) + 1,
      status: isNew ? "RECEIVED" : STATUSES[this.roll(STATUSES.length)],
    };
    this.orders.set(id, row);
    this.coming.push(row);
  }

  // Orders change first, and a little later the change has its number in the feed.
  number(events) {
    this.events.push(...this.coming.splice(0, events));
  }

  // The latest of each order between two numbers, parted into those that match and those that did before.
  between(prev, seq) {
    const latest = new Map(this.events.slice(prev, seq).map((row) => [row.id, row]));
    const rows = [...latest.values()];
    const matched = new Set(this.events.slice(0, seq).filter((row) => this.matches(row)).map((row) => row.id));
    const left = rows.filter((row) => !this.matches(row) && matched.has(row.id));
    return { upserts: rows.filter((row) => this.matches(row)), removes: left.map(({ id, version }) => ({ id, version })) };
  }

  delta() {
    const prev = this.told;
    this.told = this.seq;
    return { type: "delta", epoch: this.epoch, prev, seq: this.seq, counts: null, n_events: 1, level: 0, ...this.between(prev, this.seq) };
  }

  answer({ after, limit }) {
    if (after !== null && after.epoch !== this.epoch) return { type: "reset", reason: "epoch" };
    if (after === null) {
      this.told = this.seq;
      return { type: "snapshot", epoch: this.epoch, seq: this.seq, rows: this.list().slice(0, limit), counts: null, total: null };
    }
    if (this.seq - after.seq > RING) return { type: "gap", after };
    this.told = after.seq;
    return this.delta();
  }

  page(after, size) {
    const [, prev] = after.split(".");
    const seq = Math.min(Number(prev) + size, this.seq);
    const { upserts, removes } = this.between(Number(prev), seq);
    return { epoch: this.epoch, seq, events: upserts, removes, next: `${this.epoch}.${seq}`, has_more: seq < this.seq };
  }

  list() { return inOrder(this.orders).filter((row) => this.matches(row)); }
}

function sameRows(view, server, limit) {
  const shown = inOrder(view.rows);
  const listed = server.list();
  const isWhole = shown.length === listed.length || (view.floor !== null && shown.length >= limit / 2);
  return isWhole && JSON.stringify(shown) === JSON.stringify(listed.slice(0, shown.length));
}

// How many orders are shown at an older version than was known of them before.
function goneBack({ rows, gone }, newest) {
  let back = 0;
  for (const { id, version } of rows.values()) if (version < (newest.get(id) ?? 0)) back += 1;
  for (const [id, version] of [...gone, ...[...rows.values()].map((row) => [row.id, row.version])]) {
    newest.set(id, Math.max(version, newest.get(id) ?? 0));
  }
  return back;
}

// Plays one history; says what differs at its end, and how much the network did.
export async function play(seed) {
  const roll = dice(seed);
  const server = new Server(roll, STATUSES.slice(0, 1 + roll(STATUSES.length)));
  let now = 0;
  performance.now = () => now;
  window.fetch = async (url) => ({ ok: true, json: async () => server.page(new URL(url, location.href).searchParams.get("after"), 20) });
  const limit = 5 + roll(20);
  const asked = [];
  const subscription = new Subscription({
    sid: "feed", topic: "feed", q: "", limit, changed: () => {}, send: (message) => asked.push(message),
  });
  const way = [];
  const newest = new Map();
  const done = { wentBack: 0, delivered: 0, dropped: 0, doubled: 0, swapped: 0, refilled: 0 };
  const turn = async (isCalm) => {
    now += 300;
    for (const message of asked.splice(0)) {
      if (message.type === "sub" && (isCalm || roll(8) > 0)) way.push({ sid: "feed", ...server.answer(message) });
    }
    if (!isCalm) disturb(way, roll, done);
    while (way.length && (isCalm || roll(3) > 0)) {
      const frame = way.shift();
      if (frame.type === "gap") done.refilled += 1;
      subscription.receive(structuredClone(frame));
      done.delivered += 1;
      done.wentBack += goneBack(subscription.view, newest);
    }
    for (let micro = 0; micro < 60; micro += 1) await null; // the pages of a refill are promises, and no more
  };
  subscription.ask();
  for (let step = 0; step < 60; step += 1) {
    for (let events = roll(step % 20 === 19 ? 120 : 6); events > 0; events -= 1) server.move();
    server.number(roll(server.coming.length + 1));
    if (server.seq > server.told && server.seq - server.told <= RING) way.push({ sid: "feed", ...server.delta() });
    if (roll(25) === 0) { subscription.lose(); way.length = 0; subscription.ask(); }
    await turn(false);
  }
  server.number(server.coming.length);
  for (let beats = 0; beats < 6; beats += 1) {
    now += 5000;
    subscription.verify({ epoch: server.epoch, seq: server.seq });
    await turn(true);
    await turn(true);
    await turn(true);
  }
  return { seed, isSame: subscription.isReady && sameRows(subscription.view, server, limit), rows: subscription.view.rows.size, ...done };
}

function disturb(way, roll, done) {
  const place = roll(Math.max(way.length, 1));
  if (!way.length) return;
  const kind = roll(6);
  if (kind === 0) { way.splice(place, 1); done.dropped += 1; }
  if (kind === 1) { way.push(structuredClone(way[place])); done.doubled += 1; }
  if (kind === 2 && way.length > 1) { way.push(...way.splice(place, 1)); done.swapped += 1; }
}
