import type { Logger } from 'pino';
import { NOT_SENT_CODE } from '../../shared/messages/send-errors.ts';
import { secretOfSent } from '../whatsapp/reading/read-message.ts';
import type { WhatsAppSocket } from '../whatsapp/socket/whatsapp-socket.ts';
import type { SessionAuth } from '../whatsapp/state/session-auth.ts';
import { MessageHistory } from './history/message-history.ts';
import { IncomingMessages } from './receiving/incoming-messages.ts';
import type { SessionDeps } from './registry/registry-deps.ts';
import { ReportQueue } from './reporting/report-queue.ts';
import { SessionReports } from './reporting/session-reports.ts';
import { MessageSender, type SendPath } from './sending/message-sender.ts';
import { openMedia } from './sending/outgoing-media.ts';
import { SessionJournal } from './session-journal.ts';

/** How long the last reports of a session that ends here may take; the next owner sends the rest. */
export const LAST_REPORTS_MS = 2_000;

/** What a session works with: its journal, its reports and their queue, messages out and in, its history. */
export interface SessionTraffic {
  journal: SessionJournal;
  reports: SessionReports;
  queue: ReportQueue;
  sender: MessageSender;
  incoming: IncomingMessages;
  history: MessageHistory;
}

export interface TrafficContext {
  sessionId: string;
  epoch: number;
  log: Logger;
  /**
   * How messages are sent.
   * @throws AppError where there is no connection
   */
  sendPath: () => SendPath;
  /** The socket, also while it is logging in. */
  transport: () => WhatsAppSocket | undefined;
  /** The session's state has been read. */
  onOpened: (auth: SessionAuth) => void;
  /** It cannot be. */
  onTrouble: (error: string, errorCode: string) => void;
}

export function createSessionTraffic(deps: SessionDeps, context: TrafficContext): SessionTraffic {
  const { sessionId, epoch, log, sendPath, transport } = context;
  const { store, budget, sink, settings, openAuth, lease, onSuperseded } = deps;
  const reports = new SessionReports(sessionId, epoch);
  const queue: ReportQueue = new ReportQueue({
    sink,
    log,
    outbox: () => journal.auth?.reports,
    onStale: () => onSuperseded(sessionId),
  });
  const journal: SessionJournal = new SessionJournal({
    store,
    openAuth,
    sessionId,
    log,
    onLeftOver: (report) => queue.enqueue(reports.adopt(report)),
    onUnsettled: (unsettled) => sender.restore(unsettled),
    onOpened: (auth) => {
      history.takeOver(auth);
      context.onOpened(auth);
    },
    onTrouble: context.onTrouble,
  });
  const history = new MessageHistory({
    sessionId,
    epoch,
    store,
    log,
    auth: () => journal.auth,
    mayWrite: () => lease.isHeld(),
  });
  const sender: MessageSender = new MessageSender({
    sessionId,
    settings,
    log,
    openMedia: (message) => openMedia({ sessionId, store, budget, settings: settings.media, log }, message),
    sendPath,
    auth: () => journal.auth,
    onLeaving: (outgoing, content, body) => {
      history.sending(outgoing, content, body);
      const secret = secretOfSent(content, journal.auth?.me);
      if (secret !== undefined) journal.auth?.secrets.remember(outgoing.id, secret);
    },
    onWithdrawn: (messageId) => history.withdrawn(messageId),
    onOutcome: async (outcome) => {
      // A message that was never ready is not in the history, and may still be sent under its id.
      if (outcome.errorCode !== NOT_SENT_CODE) history.step(outcome);
      const report = reports.outcome(outcome);
      queue.push(report);
      await queue.whenSafe(report);
    },
    onSent: (sent) => {
      history.said(sent);
      queue.push(reports.sent(sent, history.placeOf(sent.to)));
    },
  });
  const incoming = new IncomingMessages({
    sessionId,
    store,
    budget,
    settings: settings.media,
    reports,
    queue,
    history,
    socket: transport,
    rememberSecret: (messageId, secret) => journal.auth?.secrets.remember(messageId, secret),
    log,
  });
  return { journal, reports, queue, sender, incoming, history };
}

/** Ends gracefully: queued reports get a moment, and undelivered ones stay in the journal. */
export async function closeTraffic({ queue, journal, sender, history }: SessionTraffic): Promise<void> {
  sender.stop();
  // Storage that is known to be away gets no time: unwritten records stay in the journal.
  const historyMs = journal.auth?.fault === undefined ? LAST_REPORTS_MS : 0;
  await Promise.all([queue.drain(LAST_REPORTS_MS), history.close(historyMs)]);
  queue.stop();
  await journal.close();
}

/** Ends at once: another owner may be active, so nothing is written any more. */
export function abandonTraffic({ queue, journal, sender, history }: SessionTraffic): void {
  sender.abandon();
  queue.stop();
  void history.stop();
  journal.abandon();
}
