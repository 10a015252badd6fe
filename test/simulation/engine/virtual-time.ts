import { EventHeap, type EventKind, type ScheduledEvent } from './event-heap.ts';
import { Host } from './host.ts';
import { type Random, randomStream } from './random.ts';

/** Taken before anybody replaces it. */
const afterMicrotasks = setImmediate;

/**
 * Owns time: nothing happens but the events that are scheduled here, one after another, each with all that follows
 * from it at once. So a history depends on nothing but its seed.
 */
export class VirtualTime {
  readonly seed: number;
  readonly #heap = new EventHeap();
  /** What has come due on hosts that are held up. */
  readonly #held = new Map<Host, ScheduledEvent[]>();
  #now = 0;
  #order = 0;
  #events = 0;

  constructor(seed: number) {
    this.seed = seed;
  }

  /** Milliseconds since the history began. */
  get now(): number {
    return this.#now;
  }

  /** How many events have happened. */
  get events(): number {
    return this.#events;
  }

  random(name: string): Random {
    return randomStream(this.seed, name);
  }

  newHost(name: string): Host {
    return new Host(name, this, this.random(`host ${name}`));
  }

  schedule(host: Host, delayMs: number, kind: EventKind, run: () => void): ScheduledEvent {
    this.#order += 1;
    const event = {
      at: this.#now + Math.max(0, delayMs),
      order: this.#order,
      host,
      kind,
      run,
      isCancelled: false,
    };
    if (host.isAlive) this.#heap.push(event);
    return event;
  }

  /** Nothing happens on it until it is resumed. */
  pause(host: Host): void {
    host.isPaused = true;
  }

  /** What has come due meanwhile happens now: timers and arrivals each in their order, either of them first. */
  resume(host: Host): void {
    if (!host.isPaused) return;
    host.isPaused = false;
    const held = this.#held.get(host) ?? [];
    this.#held.delete(host);
    const [first, second]: EventKind[] = host.random.chance(0.5) ? ['timer', 'io'] : ['io', 'timer'];
    for (const kind of [first, second])
      for (const event of held) {
        if (event.kind !== kind || event.isCancelled) continue;
        this.#order += 1;
        event.at = this.#now;
        event.order = this.#order;
        this.#heap.push(event);
      }
  }

  /** It is gone, with all that it was about to do. */
  kill(host: Host): void {
    host.isAlive = false;
    this.#held.delete(host);
  }

  /** Lets everything happen that is due up to then, as long as `mayGoOn`. */
  runUntil(at: number, mayGoOn: () => boolean = () => true): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const turn = () => {
      try {
        const event = mayGoOn() ? this.#take(at) : undefined;
        if (event === undefined) {
          this.#now = Math.max(this.#now, mayGoOn() ? at : this.#now);
          resolve();
          return;
        }
        this.#events += 1;
        event.host.run(event.run);
      } catch (thrown) {
        reject(thrown);
        return;
      }
      afterMicrotasks(turn);
    };
    // What was begun just now goes first.
    afterMicrotasks(turn);
    return promise;
  }

  #take(until: number): ScheduledEvent | undefined {
    for (;;) {
      const event = this.#heap.next;
      if (event === undefined || event.at > until) return undefined;
      this.#heap.pop();
      if (event.isCancelled || !event.host.isAlive) continue;
      this.#now = event.at;
      if (!event.host.isPaused) return event;
      this.#hold(event);
    }
  }

  #hold(event: ScheduledEvent): void {
    const held = this.#held.get(event.host);
    if (held === undefined) this.#held.set(event.host, [event]);
    else held.push(event);
  }
}
