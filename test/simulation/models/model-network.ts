import type { Host } from '../engine/host.ts';
import type { Random } from '../engine/random.ts';
import type { VirtualTime } from '../engine/virtual-time.ts';
import type { LinkWeather } from './frame-pipe.ts';
import type { BucketWeather } from './model-bucket.ts';

/** Where a worker's process is connected to. */
export type LinkName = 'control' | 'commands' | 'storage' | 'whatsapp';

/** Trouble between one worker and others, as long as it lasts. */
export type NetworkFault =
  | { kind: 'cut'; worker: number; link: LinkName; until: number }
  | { kind: 'slow'; worker: number; route: string; leg: Leg; byMs: number; until: number }
  | { kind: 'lose'; worker: number; route: string; leg: Leg; until: number }
  | { kind: 'repeat'; worker: number; route: string; afterMs: number; until: number };

export type Leg = 'request' | 'answer';

export interface Passage {
  delayMs: number;
  isLost: boolean;
}

/** A way to be taken by one request: which worker's it is, over which link, for which route. */
export interface Way {
  worker: number;
  link: LinkName;
  route: string;
}

const isFor = (fault: { worker: number; route: string }, way: Way) =>
  fault.worker === way.worker && (fault.route === '*' || fault.route === way.route);

/** The networks between workers, the control plane, the object store and WhatsApp. */
export class ModelNetwork {
  /** Of what is on its way. */
  readonly host: Host;
  readonly #time: VirtualTime;
  readonly #randoms = new Map<string, Random>();
  #faults: NetworkFault[] = [];

  constructor(time: VirtualTime) {
    this.#time = time;
    this.host = time.newHost('network');
  }

  add(fault: NetworkFault): void {
    this.#faults = this.#faults.filter(({ until }) => until > this.#time.now);
    this.#faults.push(fault);
  }

  clear(): void {
    this.#faults = [];
  }

  /** How one leg of a request fares. */
  pass(way: Way, leg: Leg): Passage {
    const random = this.#randomOf(way);
    let delayMs = random.chance(0.02) ? random.between(50, 1_200) : random.between(1, 25);
    let isLost = false;
    for (const fault of this.#standing()) {
      if (fault.kind === 'cut' && fault.worker === way.worker && fault.link === way.link) isLost = true;
      if (fault.kind === 'slow' && fault.leg === leg && isFor(fault, way)) delayMs += fault.byMs;
      if (fault.kind === 'lose' && fault.leg === leg && isFor(fault, way)) isLost = true;
    }
    return { delayMs, isLost };
  }

  /** How long after the first a request arrives once more; `undefined` where it does not. */
  repeatsAfter(way: Way): number | undefined {
    for (const fault of this.#standing())
      if (fault.kind === 'repeat' && isFor(fault, way)) return fault.afterMs;
    return undefined;
  }

  /** Whether whoever asks is told at once that there is no way. */
  isRefused(way: Way): boolean {
    return this.#randomOf(way).chance(0.3);
  }

  whatsappOf(worker: number): LinkWeather {
    const random = this.#randomOf({ worker, link: 'whatsapp' });
    return {
      latencyMs: () => random.between(5, 60),
      cutUntil: () => this.#cutUntil(worker, 'whatsapp'),
    };
  }

  storageOf(worker: number): BucketWeather {
    const random = this.#randomOf({ worker, link: 'storage' });
    return {
      leg: () => ({
        delayMs: random.chance(0.03) ? random.between(100, 900) : random.between(3, 20),
        isLost: this.#cutUntil(worker, 'storage') !== undefined,
      }),
    };
  }

  #cutUntil(worker: number, link: LinkName): number | undefined {
    let until: number | undefined;
    for (const fault of this.#standing())
      if (fault.kind === 'cut' && fault.worker === worker && fault.link === link)
        until = Math.max(until ?? 0, fault.until);
    return until;
  }

  #standing(): readonly NetworkFault[] {
    const { now } = this.#time;
    if (this.#faults.some(({ until }) => until <= now))
      this.#faults = this.#faults.filter(({ until }) => until > now);
    return this.#faults;
  }

  #randomOf({ worker, link }: Pick<Way, 'worker' | 'link'>): Random {
    const name = `network ${worker} ${link}`;
    const known = this.#randoms.get(name) ?? this.#time.random(name);
    this.#randoms.set(name, known);
    return known;
  }
}
