import type { Host } from '../engine/host.ts';

/** A way over the network that keeps order, as TCP does. */
export interface LinkWeather {
  latencyMs(): number;
  /** While it is cut: until when, in milliseconds since the history began. */
  cutUntil(): number | undefined;
}

interface Waiting {
  earliest: number;
  arrive: () => void;
}

/** One direction of a connection: what is sent arrives in its order, later where the link is cut. */
export class FramePipe {
  readonly #to: Host;
  readonly #weather: LinkWeather;
  readonly #waiting: Waiting[] = [];
  #isMoving = false;

  constructor(to: Host, weather: LinkWeather) {
    this.#to = to;
    this.#weather = weather;
  }

  send(arrive: () => void): void {
    this.#waiting.push({ earliest: this.#to.time.now + this.#weather.latencyMs(), arrive });
    if (!this.#isMoving) this.#move();
  }

  #move(): void {
    const [first] = this.#waiting;
    this.#isMoving = first !== undefined;
    if (first === undefined) return;
    const { time } = this.#to;
    time.schedule(this.#to, Math.max(first.earliest, this.#weather.cutUntil() ?? 0) - time.now, 'io', () => {
      if ((this.#weather.cutUntil() ?? 0) > time.now) return this.#move();
      this.#waiting.shift();
      this.#move();
      first.arrive();
    });
  }
}
