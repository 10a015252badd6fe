import type { ObjectBucket } from '../../../shared/objects/object-reader.ts';
import type { ObjectStore } from '../../../worker/storage/object-store.ts';
import { FIRST_MOMENT, requireHost } from '../engine/host.ts';
import type { VirtualTime } from '../engine/virtual-time.ts';

interface StoredObject {
  body: Uint8Array;
  modifiedAt: number;
}

/** How a request fares on its way: when it takes place and when its answer is there, or that neither comes. */
export interface BucketWeather {
  leg(): { delayMs: number; isLost: boolean };
}

/** What an onlooker is told of. */
export interface BucketWitness {
  /** @param by the host that has asked for it */
  onWritten?(key: string, by: string): void;
  /** @param at when the request was sent, by true time */
  onAcknowledged?(key: string, at: number): void;
  onListed?(prefix: string, keys: readonly string[]): void;
  onRead?(key: string): void;
}

type Options = { signal?: AbortSignal } | undefined;

const unavailable = () => new TypeError('fetch failed: the object store cannot be reached');
const none = async () => {
  throw new Error('A simulation has no files, and signs nothing.');
};
/** A client that hears nothing gives up by itself after so long. */
const GIVE_UP_MS = 6_000;

/** Objects in memory, as S3 keeps them: each write at once or not at all, read and listed as written. */
export class ModelBucket {
  readonly objects = new Map<string, StoredObject>();
  readonly #time: VirtualTime;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  put(key: string, body: Uint8Array): void {
    this.objects.set(key, { body, modifiedAt: FIRST_MOMENT + this.#time.now });
  }

  list(prefix: string): { key: string; sizeBytes: number; modifiedAt: number }[] {
    return [...this.objects]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, { body, modifiedAt }]) => ({ key, sizeBytes: body.length, modifiedAt }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** As a worker uses it. A request that is aborted may take place all the same. */
  storeFor(weather: () => BucketWeather, witness: BucketWitness = {}): ObjectStore {
    const operate = <T>(options: Options, take: () => T) => this.#operate(weather(), options, take);
    return {
      put: async (key, body, options) => {
        const sentAt = this.#time.now;
        const { name } = requireHost();
        await operate(options, () => {
          this.put(key, body);
          witness.onWritten?.(key, name);
        });
        witness.onAcknowledged?.(key, sentAt);
      },
      putFile: none,
      getFile: none,
      get: (key, options) =>
        operate(options, () => {
          witness.onRead?.(key);
          return this.objects.get(key)?.body;
        }),
      list: (prefix, options) =>
        operate(options, () => {
          const listed = this.list(prefix);
          witness.onListed?.(
            prefix,
            listed.map(({ key }) => key),
          );
          return listed;
        }),
      delete: (keys, options) =>
        operate(options, () => {
          for (const key of keys) this.objects.delete(key);
        }),
      retire: (key, options) =>
        operate(options, () => {
          this.objects.delete(key);
        }),
    };
  }

  /** As the control plane reads it. */
  bucketFor(weather: () => BucketWeather): ObjectBucket {
    const operate = <T>(options: Options, take: () => T) => this.#operate(weather(), options, take);
    return {
      list: (prefix, options) => operate(options, () => this.list(prefix)),
      get: (key, options) => operate(options, () => this.objects.get(key)?.body),
      head: (key, options) =>
        operate(options, () => {
          const found = this.objects.get(key);
          return found === undefined ? undefined : { sizeBytes: found.body.length, mimetype: undefined };
        }),
      signGet: none,
      signPut: none,
    };
  }

  #operate<T>(weather: BucketWeather, options: Options, take: () => T): Promise<T> {
    const host = requireHost();
    const signal = options?.signal;
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const there = weather.leg();
    const back = weather.leg();
    const onAbort = () => reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    const settle = (settleIt: () => void, delayMs: number) =>
      host.time.schedule(host, delayMs, 'io', () => {
        signal?.removeEventListener('abort', onAbort);
        settleIt();
      });
    if (there.isLost) {
      settle(() => reject(unavailable()), GIVE_UP_MS);
      return promise;
    }
    // It takes place there, whatever becomes of whoever has asked.
    this.#outside.time.schedule(this.#outside, there.delayMs, 'io', () => {
      const result = take();
      if (back.isLost) settle(() => reject(unavailable()), GIVE_UP_MS);
      else settle(() => resolve(result), back.delayMs);
    });
    return promise;
  }

  get #outside() {
    this.#host ??= this.#time.newHost('bucket');
    return this.#host;
  }

  #host: ReturnType<VirtualTime['newHost']> | undefined;
}
