import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type BackOff, backOffMs } from '../../../shared/retry/back-off.ts';
import type { DeliveryOutcome, QueuedReport, ReportSink } from '../../report.ts';
import { describeFault } from '../../whatsapp/socket/describe-fault.ts';
import type { ReportOutbox } from '../../whatsapp/state/session-auth.ts';

export interface ReportQueueDeps {
  sink: ReportSink;
  log: Logger;
  /** The session's journal, while it is open. */
  outbox: () => ReportOutbox | undefined;
  /** Another owner has the session. */
  onStale: () => void;
}

interface Entry extends QueuedReport {
  /** A newer report with the same topic replaces this one. */
  topic: string | undefined;
}

const MAX_REPORTS = 5_000;
const RETRY: BackOff = { firstMs: 250, longestMs: 30_000 };

/**
 * A session's reports on their way to the control plane: in order, one attempt in flight, repeated with
 * back-off until settled. Delivery does not wait for storage; what the journal holds is for the next owner.
 */
export class ReportQueue {
  readonly #deps: ReportQueueDeps;
  readonly #entries: Entry[] = [];
  readonly #idle = new Set<() => void>();
  /** Per topic, the id of the last report that was sent ahead of its turn. */
  readonly #newest = new Map<string, string>();
  #running = false;
  #wake = new AbortController();
  #stopped = false;

  constructor(deps: ReportQueueDeps) {
    this.#deps = deps;
  }

  /** Journals a report and sends it in its turn. */
  push(report: QueuedReport): void {
    this.journal(report);
    this.enqueue(report);
  }

  /** Resolves once the report is durable or accepted, so that it cannot be lost. */
  async whenSafe({ id }: QueuedReport): Promise<void> {
    await this.#deps.outbox()?.whenSafe(id);
  }

  /** Journals a report only: its turn comes with `enqueue` of the same id. */
  journal(report: QueuedReport): void {
    if (!this.#stopped) this.#deps.outbox()?.append(report);
  }

  /**
   * Sends a report at once, beside what is in flight: its `seq` puts it in its place, and a report that it
   * overtakes is recognised as late. Where that fails it takes its turn, unless a newer one has come.
   */
  express(report: QueuedReport, topic: string): void {
    if (this.#stopped) return;
    this.#newest.set(topic, report.id);
    void this.#attempt(report).then((outcome) => {
      if (this.#stopped) return;
      if (outcome === 'stale') this.#deps.onStale();
      if (outcome === 'retry' && this.#newest.get(topic) === report.id) this.enqueue(report, topic);
    });
  }

  /**
   * Sends a report without journaling it, at once where nothing waits. `topic`: replaces what waits under it.
   */
  enqueue(report: QueuedReport, topic?: string): void {
    if (this.#stopped) return;
    // The head may be in flight, so it stays.
    const older =
      topic === undefined ? -1 : this.#entries.findIndex((entry, at) => at > 0 && entry.topic === topic);
    if (older > 0) this.#entries.splice(older, 1);
    if (this.#entries.length >= MAX_REPORTS) this.#dropOldest();
    this.#entries.push({ ...report, topic });
    if (topic !== undefined) this.#wake.abort();
    if (!this.#running) void this.#run();
  }

  /** Changes what waits, as when a newer epoch begins. */
  rewrite(change: (report: QueuedReport) => QueuedReport): void {
    for (const entry of this.#entries) entry.report = change(entry).report;
  }

  /** Resolves when everything is settled, or after `timeoutMs`. */
  async drain(timeoutMs: number): Promise<void> {
    if (this.#entries.length === 0 || this.#stopped) return;
    const idle = this.#idle;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        idle.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      idle.add(done);
    });
  }

  /** Stops sending; what is journaled stays for the next owner. */
  stop(): void {
    this.#stopped = true;
    this.#entries.length = 0;
    this.#wake.abort();
    this.#becomeIdle();
  }

  async #run(): Promise<void> {
    this.#running = true;
    let failures = 0;
    for (let entry = this.#entries[0]; entry !== undefined; entry = this.#entries[0]) {
      const attempted = entry.report;
      const outcome = await this.#attempt(entry);
      if (this.#stopped) break;
      // It was rewritten meanwhile: the refusal concerned its old epoch.
      if (outcome === 'stale' && entry.report !== attempted) continue;
      if (outcome === 'retry') {
        await this.#pause(backOffMs(RETRY, failures));
        failures += 1;
        continue;
      }
      failures = 0;
      this.#settle(entry);
      if (outcome === 'stale') this.#deps.onStale();
    }
    this.#running = false;
    this.#becomeIdle();
  }

  async #attempt(entry: QueuedReport): Promise<DeliveryOutcome> {
    try {
      return await this.#deps.sink.deliver(entry.report);
    } catch (fault) {
      this.#deps.log.error({ reason: describeFault(fault), reportId: entry.id }, 'the report sink failed');
      return 'retry';
    }
  }

  async #pause(timeoutMs: number): Promise<void> {
    this.#wake = new AbortController();
    await delay(timeoutMs, undefined, { signal: this.#wake.signal, ref: false }).catch(() => undefined);
  }

  #settle(entry: Entry): void {
    const at = this.#entries.indexOf(entry);
    if (at >= 0) this.#entries.splice(at, 1);
    this.#deps.outbox()?.settle([entry.id]);
  }

  #dropOldest(): void {
    const at = this.#entries.findIndex(({ report }, index) => index > 0 && report.kind === 'message-status');
    const [dropped] = this.#entries.splice(Math.max(at, 1), 1);
    if (dropped === undefined) return;
    this.#deps.outbox()?.settle([dropped.id]);
    this.#deps.log.error(
      { reportId: dropped.id, kind: dropped.report.kind },
      'too many reports wait: one was dropped',
    );
  }

  #becomeIdle(): void {
    for (const done of [...this.#idle]) done();
  }
}
