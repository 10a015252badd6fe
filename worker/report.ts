import type * as z from 'zod';
import type { ReportedEvent } from '../shared/events/worker-report.ts';
import type { MessageReport, SessionReport } from '../shared/workers/reports/schema.ts';
import type { WorkerEvent } from '../shared/workers/worker-event.ts';

/** Something the control plane must learn, with a stable id; `seq` and `epoch` order a session's reports. */
export type Report =
  | { kind: 'session-status'; body: z.input<typeof SessionReport> }
  | { kind: 'message-status'; body: z.input<typeof MessageReport> }
  | { kind: 'event'; body: ReportedEvent & Omit<z.input<typeof WorkerEvent>, 'event' | 'data'> };

export interface QueuedReport {
  id: string;
  report: Report;
}

/**
 * `stale`: another owner has the session; `rejected`: it can never be accepted, and is dropped and logged.
 */
export type DeliveryOutcome = 'accepted' | 'stale' | 'rejected' | 'retry';

/** Attempts one delivery and never throws. The caller keeps the order and retries with back-off. */
export interface ReportSink {
  deliver(report: Report): Promise<DeliveryOutcome>;
}
