import type { DeliveryAttempt, NewDelivery } from '../../../shared/webhooks/delivery/delivery-item.ts';
import type { DeliveryStore } from '../../../shared/webhooks/delivery/delivery-store.ts';

interface Waiting {
  delivery: NewDelivery;
  attempt: DeliveryAttempt;
  written: PromiseWithResolvers<void>;
}

/** Writes down first attempts that were a success: while one call is under way, the next ones gather for another. */
export interface FirstOutcomes {
  /** Resolves once it is written. @throws AppError STORAGE_UNAVAILABLE */
  add(delivery: NewDelivery, attempt: DeliveryAttempt): Promise<void>;
}

export function createFirstOutcomes(store: Pick<DeliveryStore, 'putDelivered'>): FirstOutcomes {
  let waiting: Waiting[] = [];
  let isWriting = false;

  async function write(): Promise<void> {
    isWriting = true;
    while (waiting.length > 0) {
      const some = waiting;
      waiting = [];
      try {
        await store.putDelivered(some);
        for (const { written } of some) written.resolve();
      } catch (error) {
        for (const { written } of some) written.reject(error);
      }
    }
    isWriting = false;
  }
  return {
    add(delivery, attempt) {
      const written = Promise.withResolvers<void>();
      waiting.push({ delivery, attempt, written });
      if (!isWriting) void write();
      return written.promise;
    },
  };
}
