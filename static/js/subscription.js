// One subscription of the socket: asks, folds what comes, and asks again for what is missing.

import { fold, nothing } from "./fold.js";
import { refill } from "./refill.js";

const ACK_MS = 1000;
// An answer takes far less; beyond that the question or the answer was lost.
const ANSWER_MS = 4000;

export class Subscription {
  #send;
  #changed;
  #askedAt = 0;
  #ackedAt = 0;
  #ackTimer = null;
  #beatenSeq = null;
  #round = 0;
  isReady = false;
  isRefilling = false;
  hasShown = false;
  pausedBy = null;

  constructor({ sid, topic, q, limit, changed, send }) {
    Object.assign(this, { sid, topic, q, limit });
    this.#send = send;
    this.#changed = changed;
    this.view = nothing(limit);
  }

  get waitedFor() { return performance.now() - this.#askedAt; }

  ask() {
    this.isReady = false;
    this.isRefilling = false;
    this.#round += 1;
    this.#askedAt = performance.now();
    this.#beatenSeq = null;
    const { sid, topic, q, limit, view } = this;
    this.#send({ type: "sub", sid, topic, q, limit, after: view.after });
    if (this.pausedBy) this.#send({ type: "pause", sid });
  }

  // The socket is gone, and with it what the server knew of this.
  lose() {
    this.isReady = false;
    this.isRefilling = false;
    this.#round += 1;
  }

  // `by`: "you" or "hidden", null to go on.
  pause(by) {
    if (by === this.pausedBy) return;
    const was = this.pausedBy;
    this.pausedBy = by;
    if (by && !was) this.#send({ type: "pause", sid: this.sid });
    if (!by) {
      this.isReady = false;
      this.#askedAt = performance.now();
      this.#send({ type: "resume", sid: this.sid });
    }
  }

  // True when the frame was folded in.
  receive(frame) {
    if (this.isRefilling && frame.type !== "snapshot" && frame.type !== "reset") return false;
    const before = this.view;
    const { state, ask } = fold(before, frame);
    this.view = state;
    if (ask === "refill") this.#refill();
    else if (ask && (this.isReady || frame.type !== "delta")) this.ask();
    if (state === before) return false;
    this.#took(frame, !ask);
    return true;
  }

  // A beat older than the last one's number with nothing since: a frame may be lost, or nothing here concerned us.
  verify({ epoch, seq }) {
    // Counts have no number of their own: every change of theirs tells all of them.
    if (this.pausedBy || (this.isReady && this.topic === "counts")) return;
    // In a flood rows are held back on purpose; asking for them would only add to it.
    if (this.isReady && this.view.level === 2) return;
    if (!this.isReady) {
      if (!this.isRefilling && this.waitedFor > ANSWER_MS) this.ask();
      return;
    }
    const { after } = this.view;
    const isBehind = after !== null && (epoch !== after.epoch || after.seq < (this.#beatenSeq ?? 0));
    this.#beatenSeq = seq;
    if (isBehind) this.ask();
  }

  #took(frame, isWhole) {
    if (frame.type === "snapshot" || frame.type === "delta") {
      this.isReady = isWhole;
      this.hasShown = true;
      this.#acknowledge();
    }
    this.#changed(this, frame);
  }

  #acknowledge() {
    if (this.#ackTimer) return;
    const wait = Math.max(0, this.#ackedAt + ACK_MS - performance.now());
    this.#ackTimer = setTimeout(() => {
      this.#ackTimer = null;
      this.#ackedAt = performance.now();
      if (this.view.after) this.#send({ type: "ack", sid: this.sid, seq: this.view.after.seq });
    }, wait);
  }

  // Pages first; then the socket goes on from where they end. Another question meanwhile makes this one void.
  async #refill() {
    this.#round += 1;
    const round = this.#round;
    this.isReady = false;
    this.isRefilling = true;
    try {
      await refill(this.view.after, this, (page) => {
        if (round !== this.#round) throw new Error("not wanted any more");
        this.view = fold(this.view, page).state;
        this.#changed(this, page);
      });
    } catch {
      if (round === this.#round) this.view = { ...this.view, after: null };
    }
    if (round === this.#round) this.ask();
  }
}
