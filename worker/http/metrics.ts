import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { countSessions } from '../../shared/workers/heartbeat.ts';
import type { DeliveryOutcome } from '../report.ts';
import type { SessionRegistry } from '../sessions/ports.ts';

/** The worker's metrics, served at `GET /metrics`. */
export interface Metrics {
  observeRequest(request: { route: string; status: number; durationMs: number }): void;
  countReport(kind: string, outcome: DeliveryOutcome): void;
  render(): Promise<{ contentType: string; text: string }>;
}

export function createMetrics(
  registry: Pick<SessionRegistry, 'list' | 'maxSessions'>,
  lease: { remainingMs(): number } | undefined,
): Metrics {
  const register = new Registry();
  collectDefaultMetrics({ register });
  const requests = new Histogram({
    name: 'worker_http_request_duration_seconds',
    help: 'Requests by route and status',
    labelNames: ['route', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 30],
    registers: [register],
  });
  const reports = new Counter({
    name: 'worker_reports_total',
    help: 'Attempts at telling the control plane, by kind and outcome',
    labelNames: ['kind', 'outcome'],
    registers: [register],
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
  new Gauge({
    name: 'worker_max_sessions',
    help: 'Sessions this worker takes at most',
    registers: [register],
  }).set(registry.maxSessions);
  if (lease !== undefined)
    new Gauge({
      name: 'worker_lease_remaining_seconds',
      help: 'Until this worker closes its sockets unless a heartbeat is acknowledged',
      registers: [register],
      collect() {
        this.set(lease.remainingMs() / 1000);
      },
    });
  return {
    observeRequest: ({ route, status, durationMs }) =>
      requests.observe({ route, status: String(status) }, durationMs / 1000),
    countReport: (kind, outcome) => reports.inc({ kind, outcome }),
    render: async () => ({ contentType: register.contentType, text: await register.metrics() }),
  };
}
