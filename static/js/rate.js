// How fast the feed moves: changes a second over the last ten, a bar for each of the last sixty, time since the last.

const SECONDS = 60;
const AVERAGED = 10;
const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT] = [180, 24];

export class Rate {
  #counts = new Array(SECONDS).fill(0);
  #openedAt = performance.now();
  #lastAt = null;

  constructor(host) {
    this.number = host.querySelector("[data-rate]");
    this.last = host.querySelector("[data-last]");
    this.bars = this.#draw(host.querySelector("[data-spark]"));
    setInterval(() => this.#tick(), 1000);
  }

  count(events) {
    if (!events) return;
    this.#counts[SECONDS - 1] += events;
    this.#lastAt = performance.now();
  }

  #draw(picture) {
    const step = WIDTH / SECONDS;
    return this.#counts.map((_, second) => {
      const bar = document.createElementNS(SVG, "rect");
      bar.setAttribute("x", (second * step).toFixed(2));
      bar.setAttribute("width", (step - 1).toFixed(2));
      picture.append(bar);
      size(bar, 0);
      return bar;
    });
  }

  #tick() {
    const elapsed = Math.min(Math.max((performance.now() - this.#openedAt) / 1000, 1), AVERAGED);
    const recent = this.#counts.slice(-AVERAGED).reduce((sum, count) => sum + count, 0);
    this.number.textContent = (recent / elapsed).toFixed(1);
    this.last.textContent = this.#lastAt === null ? "–" : age(performance.now() - this.#lastAt);
    const highest = Math.max(...this.#counts, 1);
    this.bars.forEach((bar, second) => size(bar, this.#counts[second] / highest));
    this.#counts.shift();
    this.#counts.push(0);
  }
}

function size(bar, share) {
  const height = Math.max(share * HEIGHT, 1);
  bar.setAttribute("y", (HEIGHT - height).toFixed(2));
  bar.setAttribute("height", height.toFixed(2));
}

function age(milliseconds) {
  const seconds = Math.floor(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
