// Pages of the feed by HTTP: how a browser that missed much catches up.

const TRIES = 4;
const RETRY_MS = 500;

// Gives each page to `take` as a frame, in order; `after` moves on with the pages. Throws when no way leads on.
export async function refill(after, { q, limit }, take) {
  let position = `${after.epoch}.${after.seq}`;
  let hasMore = true;
  while (hasMore) {
    const page = await patiently({ after: position, q, limit });
    if (page.epoch !== after.epoch) throw new Error("the feed began anew");
    take({ type: "refill", epoch: page.epoch, seq: page.seq, upserts: page.events, removes: page.removes });
    hasMore = page.has_more && page.next !== position;
    position = page.next;
  }
}

async function patiently(parameters) {
  for (let tried = 1; ; tried += 1) {
    const answer = await fetch(`/console/feed?${new URLSearchParams(parameters)}`, {
      headers: { Accept: "application/json" }, redirect: "error",
    });
    if (answer.ok) return answer.json();
    if (answer.status < 500 || tried === TRIES) throw new Error(`the feed answered ${answer.status}`);
    await new Promise((resolve) => { setTimeout(resolve, RETRY_MS * tried); });
  }
}
