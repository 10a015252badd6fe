import type { Logger } from 'pino';
import type { WhatsAppSocket } from '../whatsapp/whatsapp-socket.ts';
import { IncomingDesk } from './incoming-desk.ts';
import { MessageSender, type Outlet } from './message-sender.ts';
import type { SessionDeps } from './registry-deps.ts';
import { ReportQueue } from './report-queue.ts';
import { SessionJournal } from './session-journal.ts';
import { SessionReports } from './session-reports.ts';

/** What a session works with: its journal, its reports and their queue, messages out and in. */
export interface SessionDesks {
  journal: SessionJournal;
  reports: SessionReports;
  queue: ReportQueue;
  sender: MessageSender;
  incoming: IncomingDesk;
}

export interface DeskContext {
  sessionId: string;
  epoch: number;
  log: Logger;
  /** The way out for messages. @throws AppError where there is none */
  outlet: () => Outlet;
  /** The socket, also while it is logging in. */
  transport: () => WhatsAppSocket | undefined;
}

export function createSessionDesks(deps: SessionDeps, context: DeskContext): SessionDesks {
  const { sessionId, epoch, log, outlet, transport } = context;
  const { store, sink, settings, openAuth, onSuperseded } = deps;
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
  });
  const sender: MessageSender = new MessageSender({
    sessionId,
    settings,
    log,
    outlet,
    auth: () => journal.auth,
    onOutcome: async (outcome) => {
      const report = reports.outcome(outcome);
      queue.push(report);
      await queue.whenSafe(report);
    },
    onSent: (sent) => queue.push(reports.sent(sent)),
  });
  const incoming = new IncomingDesk({
    sessionId,
    store,
    settings: settings.media,
    reports,
    queue,
    socket: transport,
    log,
  });
  return { journal, reports, queue, sender, incoming };
}
