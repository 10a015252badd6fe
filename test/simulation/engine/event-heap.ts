import type { Host } from './host.ts';

/** `timer`: a host's own clock; `io`: something that arrives there. */
export type EventKind = 'timer' | 'io';

export interface ScheduledEvent {
  at: number;
  /** Of those at the same time, the one that was scheduled first. */
  order: number;
  host: Host;
  kind: EventKind;
  run: () => void;
  isCancelled: boolean;
}

const isBefore = (a: ScheduledEvent, b: ScheduledEvent) =>
  a.at < b.at || (a.at === b.at && a.order < b.order);

/** Events by time: a binary heap. */
export class EventHeap {
  readonly #events: ScheduledEvent[] = [];

  get next(): ScheduledEvent | undefined {
    return this.#events[0];
  }

  push(event: ScheduledEvent): void {
    const events = this.#events;
    let at = events.length;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = events[parentAt];
      if (parent === undefined || !isBefore(event, parent)) break;
      events[at] = parent;
      at = parentAt;
    }
    events[at] = event;
  }

  pop(): ScheduledEvent | undefined {
    const events = this.#events;
    const [first] = events;
    const last = events.pop();
    if (first !== undefined && last !== undefined && first !== last) this.#sinkFromTop(last);
    return first;
  }

  #sinkFromTop(event: ScheduledEvent): void {
    const events = this.#events;
    let at = 0;
    for (;;) {
      const leftAt = 2 * at + 1;
      const left = events[leftAt];
      if (left === undefined) break;
      const right = events[leftAt + 1];
      const isRight = right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (!isBefore(child, event)) break;
      events[at] = child;
      at = isRight ? leftAt + 1 : leftAt;
    }
    events[at] = event;
  }
}
