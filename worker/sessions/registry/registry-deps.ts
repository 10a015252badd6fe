import type { Logger } from 'pino';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { OpenSocketOptions, openSocket } from '../../whatsapp/socket/open-socket.ts';
import type { VersionSource } from '../../whatsapp/socket/wa-version.ts';
import type { SessionAuth } from '../../whatsapp/state/session-auth.ts';
import type { LeaseView, ReportSink } from '../ports.ts';
import type { RegistrySettings, SettingsInput } from '../settings.ts';

export type OpenAuth = (options: {
  store: ObjectStore;
  sessionId: string;
  epoch: number;
  /** Credentials written under a lower epoch are void. */
  authFloor?: number;
  log: Logger;
}) => Promise<SessionAuth>;

/** What a registry is made of. */
export interface RegistryDeps {
  /** Auth state and media. */
  store: ObjectStore;
  sink: ReportSink;
  lease: LeaseView;
  log: Logger;
  settings: SettingsInput;
  openAuth: OpenAuth;
  /** Which version of WhatsApp Web to present; as the settings say where absent. */
  versions?: VersionSource;
  /** Replaced in the test that shows why the linking secret has to rotate. */
  rotateSecret?: OpenSocketOptions['rotateSecret'];
  /** Replaced where WhatsApp is a model. */
  openSocket?: typeof openSocket;
}

/** What each session gets of it. */
export interface SessionDeps extends Omit<RegistryDeps, 'settings'> {
  settings: RegistrySettings;
  versions: VersionSource;
  /** The session has no business here any more: another owner has it. */
  onSuperseded: (sessionId: string) => void;
}
