import type { Report } from '../../worker/report.ts';

const ANSWERED_STATUSES = ['sent', 'delivered', 'read'];

/** What was written, answered and told, whichever worker did it. */
export class Witness {
  readonly acknowledged = new Set<string>();
  /** Answered as pending: something must become of them. */
  readonly #pending = new Set<string>();
  readonly #written: string[] = [];
  /** Ids of reports by message of the friend's. */
  readonly received = new Map<string, Set<string>>();
  /** How often anything was told. */
  reports = 0;
  /** By message of ours. */
  readonly #statuses = new Map<string, Set<string>>();
  /** Ids of the reports that say a message was sent, by message. */
  readonly #sent = new Map<string, Set<string>>();

  theirs(): string {
    const id = `IN-${this.#written.length}`;
    this.#written.push(id);
    return id;
  }

  answered(id: string, status: 'sent' | 'pending'): void {
    if (status === 'sent') this.acknowledged.add(id);
    else this.#pending.add(id);
  }

  told(reportId: string, report: Report): void {
    this.reports += 1;
    if (report.kind === 'message-status') note(this.#statuses, report.body.messageId, report.body.status);
    if (report.kind !== 'event') return;
    const { event, data } = report.body;
    if (event === 'message_sent') note(this.#sent, data.id, reportId);
    else if (event === 'message_received') note(this.received, data.id, reportId);
  }

  get isComplete(): boolean {
    const { lostReceived, lostReports } = this.#missing();
    const isTold = (id: string) => this.#statuses.has(id);
    return lostReceived.length + lostReports.length === 0 && [...this.#pending].every(isTold);
  }

  /** @param shown the ids that the friend saw, once for each time. */
  compare(shown: readonly string[]) {
    const { lostReceived, lostReports } = this.#missing();
    const seen = new Map<string, number>();
    for (const id of shown) seen.set(id, (seen.get(id) ?? 0) + 1);
    const isOver = (id: string) => seen.has(id) || this.#statuses.get(id)?.has('failed') === true;
    const told = [...this.received.values(), ...this.#sent.values()];
    return {
      lostAcknowledged: [...this.acknowledged].filter((id) => !seen.has(id)).length,
      lostReceived: lostReceived.length,
      lostReports: lostReports.length,
      unresolved: [...this.#pending].filter((id) => !isOver(id)).length,
      twice:
        [...seen.values()].filter((times) => times > 1).length + told.filter((ids) => ids.size > 1).length,
      acknowledged: this.acknowledged.size,
      received: this.received.size,
    };
  }

  #missing() {
    const hasAll = (id: string) =>
      this.#sent.has(id) && ANSWERED_STATUSES.every((status) => this.#statuses.get(id)?.has(status));
    return {
      lostReceived: this.#written.filter((id) => !this.received.has(id)),
      lostReports: [...this.acknowledged].filter((id) => !hasAll(id)),
    };
  }
}

function note(map: Map<string, Set<string>>, id: string, value: string): void {
  map.set(id, (map.get(id) ?? new Set()).add(value));
}
