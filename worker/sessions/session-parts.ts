import type { Logger } from 'pino';
import { ConnectionSlot } from './connection-slot.ts';
import { HeldSettings } from './held-settings.ts';
import { OwnerCommands } from './owner-commands.ts';
import type { Seen } from './ownership.ts';
import { Pacer } from './pacer.ts';
import type { SessionDeps } from './registry-deps.ts';
import { createSessionDesks, type SessionDesks } from './session-desks.ts';
import { StatusBoard } from './status-board.ts';

/** What a session consists of. */
export interface SessionParts {
  log: Logger;
  settings: HeldSettings;
  pacer: Pacer;
  /** What it works with: journal, reports, messages, history. */
  desks: SessionDesks;
  /** Where it stands, and who is told. */
  board: StatusBoard;
  /** Its way to WhatsApp. */
  slot: ConnectionSlot;
  /** What its owner wants, in turn. */
  commands: OwnerCommands;
}

export interface SessionHooks {
  /** A newer owner, or the same one anew: before its first command. */
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
  const desks = createSessionDesks(deps, {
    sessionId,
    epoch: seen.epoch,
    log,
    outlet: () => slot.outlet(),
    transport: () => slot.transport,
    onOpened: ({ linked }) => pacer.begin(linked),
    onTrouble: (error, errorCode) => board.apply({ fact: 'failed', error, errorCode }),
  });
  const board = new StatusBoard(sessionId, desks, log);
  const slot = new ConnectionSlot({
    ...deps,
    registry: deps.settings,
    settings,
    desks,
    board,
    log,
    onLoggedOut: hooks.onLoggedOut,
  });
  const commands = new OwnerCommands(seen, {
    isEnded: () => board.ended,
    enterEpoch: hooks.enterEpoch,
  });
  return { log, settings, pacer, desks, board, slot, commands };
}
