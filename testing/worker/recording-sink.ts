import type { ReportedData, ReportedName } from '../../shared/events/worker-report.ts';
import type { DeliveryOutcome, Report, ReportSink } from '../../worker/report.ts';

type Kind = Report['kind'];
type Body<K extends Kind> = Extract<Report, { kind: K }>['body'];

const TIMEOUT_MS = 60_000;

/** Takes reports as the control plane would, and lets tests wait for one. */
export class RecordingSink implements ReportSink {
  readonly reports: Report[] = [];
  readonly #checks = new Set<() => void>();
  answer: (report: Report) => DeliveryOutcome | Promise<DeliveryOutcome> = () => 'accepted';

  async deliver(report: Report): Promise<DeliveryOutcome> {
    const outcome = await this.answer(report);
    if (outcome === 'accepted') {
      this.reports.push(report);
      for (const check of [...this.#checks]) check();
    }
    return outcome;
  }

  of<K extends Kind>(kind: K): Body<K>[] {
    return this.reports.filter((report) => report.kind === kind).map(({ body }) => body as Body<K>);
  }

  /** The first report, also of those before the call, that `matches`; from `after` on. */
  until<K extends Kind>(kind: K, matches: (body: Body<K>) => boolean, after = 0): Promise<Body<K>> {
    const find = () =>
      this.reports.slice(after).find((report) => report.kind === kind && matches(report.body as Body<K>));
    const { promise, resolve, reject } = Promise.withResolvers<Report['body']>();
    const check = () => {
      const found = find();
      if (found !== undefined) resolve(found.body);
    };
    const timer = setTimeout(() => {
      const seen = this.reports.map(({ body }) => ('status' in body ? body.status : body.event));
      reject(new Error(`No such ${kind} report came; there were: ${seen.join(', ')}`));
    }, TIMEOUT_MS);
    this.#checks.add(check);
    check();
    return promise.finally(() => {
      clearTimeout(timer);
      this.#checks.delete(check);
    }) as Promise<Body<K>>;
  }

  status(status: string, after = 0): Promise<Body<'session-status'>> {
    return this.until('session-status', (body) => body.status === status, after);
  }

  messageStatus(messageId: string, status: string): Promise<Body<'message-status'>> {
    return this.until('message-status', (body) => body.messageId === messageId && body.status === status);
  }

  event<N extends ReportedName>(
    event: N,
    matches: (data: ReportedData<N>) => boolean = () => true,
  ): Promise<{ id?: string; epoch?: number; event: N; data: ReportedData<N> }> {
    const isIt = (body: Body<'event'>) => body.event === event && matches(body.data as ReportedData<N>);
    return this.until('event', isIt) as unknown as Promise<{ event: N; data: ReportedData<N> }>;
  }
}
