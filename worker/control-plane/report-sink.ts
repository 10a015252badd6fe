import type { Logger } from 'pino';
import { ApiError } from '../../shared/contract/api-error.ts';
import type { DeliveryOutcome, Report, ReportSink } from '../report.ts';
import type { ControlClient } from './control-client.ts';

/** The outbox tries again: better soon than after a gateway's 30 s. */
const ATTEMPT_TIMEOUT_MS = 10_000;

/** Statuses by which the control plane says that the report itself is at fault. */
const REFUSED = new Set([400, 404, 413, 415, 422]);

/**
 * What a failed attempt means. Only an answer in the control plane's own shape (it has a code) can refuse a
 * report for good: a proxy's 404 or a token that is being rotated must lose nothing.
 */
export function outcomeOf(thrown: unknown): Exclude<DeliveryOutcome, 'accepted'> {
  if (!(thrown instanceof ApiError) || thrown.code === undefined) return 'retry';
  if (thrown.code === 'STALE_OWNER') return 'stale';
  return REFUSED.has(thrown.status) ? 'rejected' : 'retry';
}

export interface ReportSinkDeps {
  client: Pick<ControlClient, 'reportSessionStatus' | 'reportMessageStatus' | 'recordWorkerEvents'>;
  workerId: string;
  logger: Logger;
  onOutcome?: (kind: Report['kind'], outcome: DeliveryOutcome) => void;
}

function post({ client, workerId }: ReportSinkDeps, report: Report) {
  // The report's own id is the request id: one id from the event in the worker to the tenant's webhook.
  const headers: Record<string, string> =
    report.body.id === undefined ? {} : { 'x-request-id': report.body.id };
  const options = { timeoutMs: ATTEMPT_TIMEOUT_MS, headers };
  switch (report.kind) {
    case 'session-status':
      return client.reportSessionStatus({ body: { workerId, ...report.body } }, options);
    case 'message-status':
      return client.reportMessageStatus({ body: { workerId, ...report.body } }, options);
    case 'event':
      return client.recordWorkerEvents({ params: { workerId }, body: { workerId, ...report.body } }, options);
  }
}

/** One HTTP attempt for each call, over kept connections. */
export function createReportSink(deps: ReportSinkDeps): ReportSink {
  return {
    deliver: async (report) => {
      let outcome: DeliveryOutcome = 'accepted';
      try {
        await post(deps, report);
      } catch (thrown) {
        outcome = outcomeOf(thrown);
        const { id, sessionId } = report.body;
        const level = outcome === 'retry' ? 'debug' : 'warn';
        deps.logger[level](
          { kind: report.kind, id, sessionId, outcome, err: thrown },
          'a report was not accepted',
        );
      }
      deps.onOutcome?.(report.kind, outcome);
      return outcome;
    },
  };
}

/** Stand-alone: there is nobody to tell. */
export const NO_CALLBACKS: ReportSink = { deliver: async () => 'accepted' };
