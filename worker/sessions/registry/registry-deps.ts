import type { Logger } from 'pino';
import type { Assignment } from '../../../shared/workers/schema.ts';
import type { ReportSink } from '../../report.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { OpenSocketOptions } from '../../whatsapp/socket/open-socket.ts';
import type { VersionSource } from '../../whatsapp/socket/wa-version.ts';
import type { SessionAuth } from '../../whatsapp/state/session-auth.ts';
import type { ByteBudget } from '../byte-budget.ts';
import type { LeaseView } from '../ports.ts';
import type { RegistrySettings, SettingsInput } from '../settings.ts';

export type OpenAuth = (options: {
  store: ObjectStore;
  sessionId: string;
  epoch: number;
  /** Credentials written under a lower epoch are void. */
  authFloor?: number;
  log: Logger;
}) => Promise<SessionAuth>;

/** A session that was let go by an order, or that the order cannot bring here. */
export interface Released {
  sessionId: string;
  epoch: number;
  rev: number;
  /** Of the account that is linked. */
  phoneNumber: string | null;
}

/** Whose a session is; `unknown`: that could not be learnt now. */
export type Claim = 'ours' | 'others' | 'unknown';

/** What a registry is made of. */
export interface RegistryDeps {
  /** Auth state and media. */
  store: ObjectStore;
  sink: ReportSink;
  lease: LeaseView;
  log: Logger;
  settings: SettingsInput;
  openAuth: OpenAuth;
  /** Tells the control plane that a session is not here, nor will be by this order. It comes again until it is heard. */
  tellReleased?: (released: Released) => Promise<void>;
  /** What the control plane wants of a session; absent where there is none, and every session is ours. */
  askOrder?: (sessionId: string) => Promise<Assignment>;
  wait?: (ms: number) => Promise<void>;
  random?: () => number;
  /** Bytes of files and large requests under way in the whole process; from its memory where absent. */
  budget?: ByteBudget;
  /** Which version of WhatsApp Web to present; as the settings say where absent. */
  versions?: VersionSource;
  /** Replaced in the test that shows why the linking secret has to rotate. */
  rotateSecret?: OpenSocketOptions['rotateSecret'];
}

/** What each session gets of it. */
export interface SessionDeps extends Omit<RegistryDeps, 'settings'> {
  settings: RegistrySettings;
  versions: VersionSource;
  budget: ByteBudget;
  /** The session has no business here any more: another owner has it. */
  onSuperseded: (sessionId: string) => void;
  /** Asked when another login has taken over. What is others' is let go of meanwhile. */
  askOwner: (sessionId: string) => Promise<Claim>;
}
