import type { Leg, LinkName } from '../models/model-network.ts';
import type { SlotKind } from '../parts/fleet.ts';

/** Something that happens to a worker's process. */
type WorkerStep =
  /** Nothing happens where one runs. `maxSessions`: with another room than before. */
  | { do: 'start'; worker: number; maxSessions?: number }
  /** As by kill -9; that it is dead is told to the control plane after so long, or never. */
  | { do: 'kill'; worker: number; provenAfterMs: number | null }
  /** As by SIGTERM. */
  | { do: 'terminate'; worker: number }
  /** As by SIGSTOP, and SIGCONT after so long. */
  | { do: 'pause'; worker: number; forMs: number }
  /** Its wall clock is set. */
  | { do: 'set-clock'; worker: number; byMs: number };

/** Trouble on the way. `route` `*` is every one. */
type NetworkStep =
  | { do: 'cut'; worker: number; link: LinkName; forMs: number }
  | { do: 'slow'; worker: number; route: string; leg: Leg; byMs: number; forMs: number }
  | { do: 'lose'; worker: number; route: string; leg: Leg; forMs: number }
  | { do: 'repeat'; worker: number; route: string; afterMs: number; forMs: number };

/** Trouble with what everybody depends on. */
type StorageStep =
  | { do: 'storage-away'; forMs: number }
  | { do: 'table'; how: 'away' | 'unsure' | 'slow'; forMs: number }
  /** From here on the index shows writes so many steps late. */
  | { do: 'lag'; steps: number }
  /** Some of the functions that run at this moment end where they are. */
  | { do: 'crash-functions'; share: number };

type AdminStep =
  | { do: 'drain' | 'maintain' | 'activate' | 'remove'; worker: number }
  | { do: 'resize'; worker: number; maxSessions: number }
  | { do: 'migrate'; session: number; worker: number | null }
  | { do: 'supervise' };

type TenantStep =
  | { do: 'connect' | 'disconnect' | 'restart' | 'logout' | 'delete'; session: number }
  | { do: 'send'; session: number; isAsync: boolean }
  /** Somebody writes to the session's account. */
  | { do: 'write'; session: number }
  /** Another client logs in as the session's device, and leaves again. */
  | { do: 'replace'; session: number };

/** One step of a history, at so many milliseconds after its beginning. */
export type Step = { at: number } & (WorkerStep | NetworkStep | StorageStep | AdminStep | TenantStep);

/** A history as data: it can be told again, and without some of its steps. */
export interface History {
  seed: number;
  workers: { kind: SlotKind; maxSessions: number }[];
  sessions: number;
  steps: Step[];
  /** All faults end after so long. */
  lastsMs: number;
}
