// The one websocket of a tab: subscribes, resumes by number, and knows whether what it shows may be called live.

const RETRY_MS = [300, 800, 1500, 3000, 5000, 8000];
// The server beats every 5 s; one beat late is already news.
const SILENCE_MS = 7500;
const CODES = { signedOut: 4401, protocol: 4409 };

export class Connection extends EventTarget {
  #url;
  #socket = null;
  #subscriptions = new Map();
  #attempt = 0;
  #timer = null;
  #heardAt = 0;
  #freshAt = null;
  #mode = "live";
  #hasShown = false;
  #ended = null;
  state = "connecting";

  constructor(path) {
    super();
    const url = new URL(path, window.location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.#url = url.href;
    setInterval(() => this.#settle(), 500);
    window.addEventListener("online", () => this.#openSoon(0));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible" && !this.#socket) this.#openSoon(0);
    });
  }

  // `receive(frame)` gets snapshot and delta frames whose numbers fit; a gap is filled before it is called.
  subscribe(sid, topic, limit, receive) {
    this.#subscriptions.set(sid, { topic, limit, receive, after: null, ready: false });
    if (!this.#socket) this.#open();
    else if (this.#socket.readyState === WebSocket.OPEN) this.#ask(sid);
  }

  // When what is shown was last known to be whole, as the server's clock said.
  get freshAt() {
    return this.#freshAt;
  }

  #open() {
    clearTimeout(this.#timer);
    if (this.#ended || (this.#socket && this.#socket.readyState < WebSocket.CLOSING)) return;
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#heardAt = performance.now();
      this.#send({ type: "hello", protocol: 1 });
      for (const sid of this.#subscriptions.keys()) this.#ask(sid);
    });
    socket.addEventListener("message", (event) => this.#hear(JSON.parse(event.data)));
    socket.addEventListener("close", (event) => this.#closed(socket, event.code));
  }

  #openSoon(delay) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#open(), delay);
  }

  #closed(socket, code) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    for (const subscription of this.#subscriptions.values()) subscription.ready = false;
    if (code === CODES.signedOut) this.#ended = "signed-out";
    if (code === CODES.protocol) this.#ended = "reload";
    this.#settle();
    if (this.#ended) return;
    const wait = RETRY_MS[Math.min(this.#attempt, RETRY_MS.length - 1)];
    this.#attempt += 1;
    this.#openSoon(wait * (0.7 + 0.6 * Math.random()));
  }

  #ask(sid) {
    const { topic, limit, after } = this.#subscriptions.get(sid);
    this.#send({ type: "sub", sid, topic, limit, after });
  }

  #send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #hear(frame) {
    this.#heardAt = performance.now();
    if (frame.mode) this.#mode = frame.mode;
    if (frame.fresh_at) this.#freshAt = new Date(frame.fresh_at);
    if (frame.type === "snapshot" || frame.type === "delta") this.#receive(frame);
    if (frame.type === "reset") this.#again(frame.sid, null);
    if (frame.type === "refused") this.#ended = "reload";
    this.#settle();
  }

  #receive(frame) {
    const subscription = this.#subscriptions.get(frame.sid);
    if (!subscription) return;
    const { after } = subscription;
    if (frame.type === "delta" && (!after || after.epoch !== frame.epoch || after.seq !== frame.prev)) {
      // An empty feed has no epoch until its first event names one.
      const isFirst = after && after.epoch === "" && after.seq === frame.prev;
      if (!isFirst) {
        this.#again(frame.sid, after);
        return;
      }
    }
    subscription.after = { epoch: frame.epoch, seq: frame.seq };
    subscription.ready = true;
    this.#hasShown = true;
    this.#attempt = 0;
    subscription.receive(frame);
  }

  #again(sid, after) {
    const subscription = this.#subscriptions.get(sid);
    if (!subscription) return;
    subscription.after = after;
    subscription.ready = false;
    this.#ask(sid);
  }

  #settle() {
    const state = this.#judge();
    if (state === this.state) return;
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }

  #judge() {
    if (this.#ended) return this.#ended;
    const isOpen = this.#socket?.readyState === WebSocket.OPEN;
    const isReady = [...this.#subscriptions.values()].every((subscription) => subscription.ready);
    if (!isOpen) return this.#hasShown ? "stale" : "connecting";
    if (performance.now() - this.#heardAt > SILENCE_MS) return "stale";
    if (!isReady) return this.#hasShown ? "stale" : "connecting";
    return this.#mode;
  }
}
