import type { Journal } from '../../storage/journal/journal.ts';

type Done = (error?: Error) => void;

interface Frame {
  data: Uint8Array;
  done: Done | undefined;
  /** The batch of the journal that must be durable first. */
  batch: number;
}

/** A `ws` socket, as Baileys' client holds it. */
interface Transport {
  send(data: Uint8Array, done?: Done): void;
}

/** Bounds what waits for storage; Baileys closes a socket that is silent for 35 s long before this fills. */
const MOST_WAITING = 10_000;

/**
 * The write barrier: no frame leaves before every change that was made before it is durable, and none
 * overtakes another, since it sits behind the cipher's counter. The lease is asked for last, immediately
 * before the frame goes.
 */
export function guardFrames(transport: Transport, journal: Journal, mayLeave: () => boolean): void {
  const send = transport.send.bind(transport);
  const waiting: Frame[] = [];
  let draining = false;

  const leave = ({ data, done }: Frame) => {
    if (mayLeave()) send(data, done);
    else done?.(new Error('the session has been taken over'));
  };

  async function drain(): Promise<void> {
    draining = true;
    try {
      for (let frame = waiting[0]; frame !== undefined; frame = waiting[0]) {
        if (!journal.isDurable(frame.batch)) await journal.whenDurable(frame.batch);
        waiting.shift();
        leave(frame);
      }
    } catch (error) {
      const reason = error instanceof Error ? error : new Error(String(error));
      for (const frame of waiting.splice(0)) frame.done?.(reason);
    } finally {
      draining = false;
    }
  }

  transport.send = (data, done) => {
    const frame = { data, done, batch: journal.bindingBatch };
    if (!draining && journal.isDurable(frame.batch)) return leave(frame);
    if (waiting.length >= MOST_WAITING) {
      done?.(new Error('too much waits for the session’s storage'));
      return;
    }
    waiting.push(frame);
    if (!draining) void drain();
  };
}
