import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { countSessions } from '../../shared/workers/heartbeat.ts';
import type { DeliveryOutcome } from '../report.ts';
import type { ByteBudget } from '../sessions/byte-budget.ts';
import type { SessionRegistry } from '../sessions/ports.ts';
import type { SessionMetrics } from '../sessions/session-metrics.ts';

/** The worker's metrics, served at `GET /metrics`. */
export interface Metrics {
  readonly sessions: SessionMetrics;
  observeRequest(request: { route: string; status: number; durationMs: number }): void;
  countReport(kind: string, outcome: DeliveryOutcome): void;
  /** Shows these from now on; before, there is nothing to show of them. */
  watch(watched: Watched): void;
  render(): Promise<{ contentType: string; text: string }>;
}

export interface Watched {
  registry: Pick<SessionRegistry, 'list' | 'maxSessions' | 'waitingReports'>;
  budget: Pick<ByteBudget, 'totalBytes' | 'heldBytes' | 'waiting'>;
  /** Undefined for a worker without a control plane. */
  lease: { remainingMs(): number } | undefined;
}

const LATENCY_BUCKETS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3_600];
/** A code comes from WhatsApp: whatever it may be, it adds few series. */
const CODE = /^\w{1,40}$/;

export function createMetrics(): Metrics {
  const register = new Registry();
  // With them come the memory and processor time of the process, and the lag of its event loop.
  collectDefaultMetrics({ register });
  const registers = [register];
  const requests = new Histogram({
    name: 'worker_http_request_duration_seconds',
    help: 'Requests by route and status',
    labelNames: ['route', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 30],
    registers,
  });
  const reports = new Counter({
    name: 'worker_reports_total',
    help: 'Attempts at telling the control plane, by kind and outcome',
    labelNames: ['kind', 'outcome'],
    registers,
  });
  return {
    sessions: countSessionsIn(register),
    observeRequest: ({ route, status, durationMs }) =>
      requests.observe({ route, status: String(status) }, durationMs / 1000),
    countReport: (kind, outcome) => reports.inc({ kind, outcome }),
    watch: (watched) => watch(register, watched),
    render: async () => ({ contentType: register.contentType, text: await register.metrics() }),
  };
}

function countSessionsIn(register: Registry): SessionMetrics {
  const registers = [register];
  const messages = new Counter({
    name: 'whatsapp_messages_total',
    help: 'Messages by direction and type: sent ones that WhatsApp has acknowledged, received ones as they arrive',
    labelNames: ['direction', 'type'],
    registers,
  });
  const failures = new Counter({
    name: 'whatsapp_message_failures_total',
    help: 'Messages that will not arrive, by the code of the reason',
    labelNames: ['type', 'code'],
    registers,
  });
  const acknowledgements = new Histogram({
    name: 'whatsapp_acknowledgement_seconds',
    help: 'From the request to send a message to the acknowledgement of WhatsApp',
    buckets: LATENCY_BUCKETS,
    registers,
  });
  const deliveries = new Histogram({
    name: 'whatsapp_delivery_seconds',
    help: 'From the acknowledgement of WhatsApp to the first receipt of the recipient',
    buckets: LATENCY_BUCKETS,
    registers,
  });
  const opened = new Counter({
    name: 'whatsapp_connections_opened_total',
    help: 'Logins to WhatsApp that succeeded',
    registers,
  });
  const closed = new Counter({
    name: 'whatsapp_connections_closed_total',
    help: 'Connections to WhatsApp that ended by themselves, by the reason',
    labelNames: ['close'],
    registers,
  });
  return {
    sent: ({ type, seconds }) => {
      messages.inc({ direction: 'out', type });
      acknowledgements.observe(seconds);
    },
    delivered: ({ seconds }) => deliveries.observe(seconds),
    failed: ({ type, code }) => failures.inc({ type, code: CODE.test(code) ? code : 'other' }),
    received: ({ type }) => messages.inc({ direction: 'in', type }),
    connection: (change) => (change.opened ? opened.inc() : closed.inc({ close: change.close })),
  };
}

function watch(register: Registry, { registry, budget, lease }: Watched): void {
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [register],
      collect() {
        this.set(read());
      },
    });
  new Gauge({
    name: 'worker_sessions',
    help: 'Sessions by status',
    labelNames: ['status'],
    registers: [register],
    collect() {
      const { total: _, ...buckets } = countSessions(registry.list().map(({ status }) => status));
      for (const [status, count] of Object.entries(buckets)) this.set({ status }, count);
    },
  });
  gauge('worker_max_sessions', 'Sessions this worker takes at most', () => registry.maxSessions);
  gauge('worker_reports_waiting', 'Reports that wait for the control plane', () => registry.waitingReports().count);
  gauge(
    'worker_reports_oldest_seconds',
    'For how long the oldest of them has waited',
    () => registry.waitingReports().oldestMs / 1000,
  );
  gauge('worker_media_budget_bytes', 'What files and large requests may take', () => budget.totalBytes);
  gauge('worker_media_held_bytes', 'What they take now', () => budget.heldBytes);
  gauge('worker_media_waiting', 'How many wait for room', () => budget.waiting);
  if (lease !== undefined)
    gauge(
      'worker_lease_remaining_seconds',
      'Until this worker closes its sockets unless a heartbeat is acknowledged',
      () => lease.remainingMs() / 1000,
    );
}
