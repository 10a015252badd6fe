import type { Logger } from 'pino';
import type { WorkerSession } from '../../shared/workers/api/schema.ts';
import { RecentCount } from './recent-count.ts';
import {
  advance,
  differs,
  INITIAL_STATE,
  type SessionFact,
  type SessionState,
  viewOf,
} from './session-state.ts';
import type { SessionTraffic } from './session-traffic.ts';

/** The statuses that answer a connect command. */
const ANSWERED = new Set<SessionState['status']>([
  'qr_required',
  'connected',
  'error',
  'logged_out',
  'disconnected',
]);

/**
 * The session's status, and who is told: its owner by reports, its history, and callers that wait for a
 * change.
 */
export class CurrentStatus {
  readonly #sessionId: string;
  readonly #traffic: Pick<SessionTraffic, 'queue' | 'reports' | 'history'>;
  readonly #log: Logger;
  readonly #watch = new StateWatch();
  #state: SessionState = INITIAL_STATE;
  readonly #recent = new RecentCount();
  #lastActivity: Date | undefined;
  #discreet = false;
  #leaving = false;
  #ended = false;

  constructor(
    sessionId: string,
    traffic: Pick<SessionTraffic, 'queue' | 'reports' | 'history'>,
    log: Logger,
  ) {
    this.#sessionId = sessionId;
    this.#traffic = traffic;
    this.#log = log;
  }

  get status(): SessionState['status'] {
    return this.#state.status;
  }

  /** The session has left this worker. */
  get ended(): boolean {
    return this.#ended;
  }

  view(): WorkerSession {
    return viewOf(this.#sessionId, this.#state, this.#lastActivity);
  }

  /** A message has come, or leaves. */
  touch(): void {
    this.#lastActivity = new Date();
    this.#recent.count();
  }

  /** How much it has had to do lately. */
  get recentMessages(): number {
    return this.#recent.level();
  }

  /** @param always reports a fact even where it changes nothing visible */
  apply(fact: SessionFact, always = false): void {
    const before = this.#state;
    this.#state = advance(before, fact);
    if (this.#state.status === 'connected') this.#lastActivity = new Date();
    if (!this.#discreet && (always || differs(before, this.#state))) this.#tell();
    if (before.status !== this.#state.status) this.#traffic.history.note(this.#state);
    this.#watch.changed();
  }

  /** It is being let go of. */
  get leaving(): boolean {
    return this.#leaving;
  }

  /** Stops reporting for good: what happens from here on is its next owner's to tell. */
  leave(): void {
    this.#discreet = true;
    this.#leaving = true;
  }

  /** Stops reporting while the work lasts. */
  async discreetly<T>(work: () => Promise<T>): Promise<T> {
    this.#discreet = true;
    try {
      return await work();
    } finally {
      this.#discreet = false;
    }
  }

  end(): void {
    this.#ended = true;
    this.#watch.changed();
  }

  /** Resolves when the condition holds or the session has ended, or with false after `timeoutMs`. */
  until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
    return this.#watch.until(() => this.#ended || condition(), timeoutMs);
  }

  /** Resolves when the status answers a connect command, or after `timeoutMs`. */
  async settle(timeoutMs: number): Promise<WorkerSession> {
    await this.until(() => ANSWERED.has(this.#state.status), timeoutMs);
    return this.view();
  }

  #tell(): void {
    const { queue, reports } = this.#traffic;
    const report = reports.status(this.#state);
    const { status, errorCode } = this.#state;
    // A QR lives for seconds and is sent at once; a newer one replaces it.
    if (status === 'qr_required') queue.express(report, 'qr');
    else queue.push(report);
    this.#log.info({ status, errorCode, epoch: report.report.body.epoch }, 'session status');
  }
}

/** Lets callers wait until something about a session's state is true. */
export class StateWatch {
  readonly #waiting = new Set<() => void>();

  /** Must be called after every change. */
  changed(): void {
    for (const check of [...this.#waiting]) check();
  }

  /** Returns false after `timeoutMs`. */
  async until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
    if (condition()) return true;
    return new Promise((resolve) => {
      const finish = (met: boolean) => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve(met);
      };
      const check = () => {
        if (condition()) finish(true);
      };
      const timer = setTimeout(() => finish(false), timeoutMs);
      this.#waiting.add(check);
    });
  }
}
