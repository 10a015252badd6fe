import type { Logger } from 'pino';
import { CurrentConnection } from './connection/current-connection.ts';
import { CurrentStatus } from './current-status.ts';
import { HeldSettings } from './held-settings.ts';
import { OwnerCommands } from './registry/owner-commands.ts';
import type { Seen } from './registry/ownership.ts';
import type { SessionDeps } from './registry/registry-deps.ts';
import { Pacer } from './sending/pacer.ts';
import { createSessionTraffic, type SessionTraffic } from './session-traffic.ts';

/** The parts of a session. */
export interface SessionParts {
  log: Logger;
  settings: HeldSettings;
  pacer: Pacer;
  /** Its journal, reports, messages and history. */
  traffic: SessionTraffic;
  /** Its status, and who is told. */
  currentStatus: CurrentStatus;
  /** Its connection to WhatsApp. */
  currentConnection: CurrentConnection;
  /** Its owner's commands, in turn. */
  commands: OwnerCommands;
}

export interface SessionHooks {
  /** Called for a newer epoch, before its first command. */
  enterEpoch: (epoch: number) => Promise<void>;
  /** WhatsApp has ended the link. `isCurrent`: no connection was opened since. */
  onLoggedOut: (isCurrent: () => boolean) => void;
}

export function createSessionParts(
  sessionId: string,
  seen: Seen,
  deps: SessionDeps,
  hooks: SessionHooks,
): SessionParts {
  const log = deps.log.child({ sessionId });
  const settings = new HeldSettings();
  const pacer = new Pacer();
  const traffic = createSessionTraffic(deps, {
    sessionId,
    epoch: seen.epoch,
    log,
    sendPath: () => currentConnection.sendPath(),
    transport: () => currentConnection.transport,
    onOpened: ({ linked }) => pacer.begin(linked),
    onTrouble: (error, errorCode) => currentStatus.apply({ fact: 'failed', error, errorCode }),
  });
  const currentStatus = new CurrentStatus(sessionId, traffic, log);
  const currentConnection = new CurrentConnection({
    ...deps,
    registry: deps.settings,
    settings,
    traffic,
    currentStatus,
    log,
    onLoggedOut: hooks.onLoggedOut,
    askOwner: () => deps.askOwner(sessionId),
  });
  const commands = new OwnerCommands(seen, {
    isEnded: () => currentStatus.ended,
    enterEpoch: hooks.enterEpoch,
  });
  return { log, settings, pacer, traffic, currentStatus, currentConnection, commands };
}
