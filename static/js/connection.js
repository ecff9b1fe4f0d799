// The one websocket of a tab: what is subscribed to over it, from its hello to its bye, and again after a break.

import { showState } from "./badge.js";
import { judged } from "./judge.js";
import { Subscription } from "./subscription.js";

const RETRY_MS = [300, 800, 1500, 3000, 5000, 8000];
const PROTOCOL = 2;
const ENDED = { 4401: "signed-out", 4403: "rights", 4409: "reload" };

class Connection extends EventTarget {
  #url;
  #socket = null;
  #subscriptions = new Map();
  #attempt = 0;
  #timer = null;
  #retryAfter = null;
  #heard = { at: 0, mode: "live", freshAt: null, lag: 0, seq: 0 };
  #ended = null;
  refusal = null;
  isOutdated = false;
  state = "connecting";

  constructor(path) {
    super();
    const url = new URL(path, window.location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.#url = url.href;
    setInterval(() => this.settle(), 500);
    window.addEventListener("online", () => this.#openSoon(0));
    window.addEventListener("offline", () => this.settle());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible" && !this.#socket) this.#openSoon(0);
    });
  }

  // `changed(subscription, frame)` is called after each frame that was folded into `subscription.view`.
  subscribe(topic, { q = "", limit = 200, changed }) {
    const sid = `${topic}#${this.#subscriptions.size}`;
    const subscription = new Subscription({ sid, topic, q, limit, changed, send: (message) => this.#send(message) });
    this.#subscriptions.set(sid, subscription);
    if (!this.#socket) this.#open();
    else if (this.#isOpen) subscription.ask();
    return subscription;
  }

  // When what is shown was last known to be whole, as the server's clock said.
  get freshAt() { return this.#heard.freshAt; }

  // How far the feed is behind the database, in milliseconds.
  get lag() { return this.#heard.lag; }

  // How many numbers of the feed are still to come.
  get missing() {
    return Math.max(0, ...this.#all.map((each) => (each.isReady ? 0 : this.#heard.seq - (each.view.after?.seq ?? 0))));
  }

  get #all() { return [...this.#subscriptions.values()]; }

  get #isOpen() { return this.#socket?.readyState === WebSocket.OPEN; }

  #open() {
    clearTimeout(this.#timer);
    if (this.#ended || (this.#socket && this.#socket.readyState < WebSocket.CLOSING)) return;
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.addEventListener("open", () => this.#greet());
    socket.addEventListener("message", (event) => { if (socket === this.#socket) this.#hear(JSON.parse(event.data)); });
    socket.addEventListener("close", (event) => this.#closed(socket, event.code));
  }

  #greet() {
    this.#heard.at = performance.now();
    const { density } = document.documentElement.dataset;
    this.#send({ type: "hello", protocol: PROTOCOL, build: builtAs(), tz: "UTC", density });
    for (const subscription of this.#all) subscription.ask();
  }

  #openSoon(delay) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#open(), delay);
  }

  #closed(socket, code) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    for (const subscription of this.#all) subscription.lose();
    this.#ended ??= ENDED[code] ?? null;
    this.settle();
    if (this.#ended) return;
    const wait = this.#retryAfter ?? RETRY_MS[Math.min(this.#attempt, RETRY_MS.length - 1)];
    this.#attempt += 1;
    this.#retryAfter = null;
    this.#openSoon(wait * (0.7 + 0.6 * Math.random()));
  }

  #send(message) {
    if (this.#isOpen) this.#socket.send(JSON.stringify(message));
  }

  #hear(frame) {
    this.#heard.at = performance.now();
    if (frame.type === "welcome" || frame.type === "beat") this.#learn(frame);
    if (frame.type === "bye") {
      this.#ended ??= ENDED[frame.code] ?? null;
      if (typeof frame.retry_after === "number") this.#retryAfter = frame.retry_after * 1000;
    }
    if (frame.type === "refused") [this.#ended, this.refusal] = ["refused", frame.detail];
    const subscription = this.#subscriptions.get(frame.sid);
    if (subscription?.receive(frame)) this.#attempt = 0;
    this.settle();
  }

  #learn(frame) {
    this.#heard.mode = frame.mode;
    this.#heard.lag = frame.lag_ms ?? 0;
    this.#heard.seq = frame.seq ?? 0;
    if (frame.fresh_at) this.#heard.freshAt = new Date(frame.fresh_at);
    if (frame.build && builtAs() && frame.build !== builtAs()) this.isOutdated = true;
    if (frame.type === "beat") for (const subscription of this.#all) subscription.verify(frame);
  }

  // Judged twice a second: silence makes no event of its own.
  settle() {
    this.state = judged({
      ended: this.#ended,
      isOpen: this.#isOpen && navigator.onLine,
      silence: performance.now() - this.#heard.at,
      mode: this.#heard.mode,
      subscriptions: this.#all,
    });
    this.dispatchEvent(new Event("state"));
  }
}

let ofThisTab = null;

// One socket a tab, however many elements watch over it; the badge speaks for all of them.
export function connection() {
  if (ofThisTab === null) {
    ofThisTab = new Connection("/ws/console/");
    ofThisTab.addEventListener("state", () => showState(ofThisTab));
  }
  return ofThisTab;
}

function builtAs() {
  return document.querySelector('meta[name="dpms-build"]')?.content ?? "";
}
