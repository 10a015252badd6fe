import type { Caller } from '../../../functions/http/caller.ts';
import { isLinked, SessionItem, sessionKey } from '../../../shared/sessions/session-item.ts';
import { DEFAULT_SETTINGS } from '../../../shared/sessions/settings.ts';
import { FIRST_MOMENT } from '../engine/host.ts';
import type { VirtualTime } from '../engine/virtual-time.ts';
import { linkedPart } from '../models/model-auth.ts';
import type { ModelBucket } from '../models/model-bucket.ts';
import type { WireAnswer } from '../models/model-fetch.ts';
import type { ModelTable } from '../models/model-table.ts';
import type { ModelWhatsApp } from '../models/model-whatsapp.ts';
import type { ControlPlane } from './control-plane.ts';
import type { Ledger } from './ledger.ts';
import type { Trace } from './trace.ts';

export type Wish = 'connected' | 'disconnected' | 'logged_out' | 'deleted';

/** A session as its tenant sees it. */
export interface TenantSession {
  readonly index: number;
  readonly sessionId: string;
  readonly digits: string;
  /** What its tenant may rightly expect: more than one where a call failed half-way. */
  wishes: Set<Wish>;
  /** A call of its tenant is under way. */
  isBusy: boolean;
}

export interface TenantsDeps {
  time: VirtualTime;
  table: ModelTable;
  bucket: ModelBucket;
  whatsapp: ModelWhatsApp;
  plane: ControlPlane;
  ledger: Ledger;
  trace: Trace;
}

const CALLER: Caller = {
  kind: 'user',
  userId: 'tenant',
  accountKey: 'ACCOUNT#tenant',
  role: 'USER',
  expiresAt: Number.MAX_SAFE_INTEGER,
};
const WISH_OF = {
  connect: 'connected',
  restart: 'connected',
  disconnect: 'disconnected',
  logout: 'logged_out',
  delete: 'deleted',
} as const satisfies Record<string, Wish>;
export type LifecycleCall = keyof typeof WISH_OF;

/** How the documented client repeats a send: with the same key, while the answer invites it. */
const SEND_ATTEMPTS = 6;
const REPEATED = new Set([500, 502, 503, 504]);

/** The tenant of a history: its sessions, what it asks for them, and what it may expect. */
export class Tenants {
  readonly sessions: TenantSession[];
  readonly #deps: TenantsDeps;
  #texts = 0;

  constructor(count: number, deps: TenantsDeps) {
    this.#deps = deps;
    this.sessions = Array.from({ length: count }, (_, index) => ({
      ...{ index, sessionId: `tenant-s${index}`, digits: `62812000000${index}`, isBusy: false },
      wishes: new Set<Wish>(['connected']),
    }));
  }

  session(index: number): TenantSession {
    const session = this.sessions[index % this.sessions.length];
    if (session === undefined) throw new Error('There are no sessions.');
    return session;
  }

  digitsOf(sessionId: string): string {
    return this.sessions.find((each) => each.sessionId === sessionId)?.digits ?? '0';
  }

  item({ sessionId }: TenantSession): SessionItem | undefined {
    const found = this.#deps.table.peek(sessionKey(sessionId));
    return found === undefined ? undefined : SessionItem.parse(found);
  }

  /** Every session is linked and waits for any worker, as after its last one has ended in order. */
  async seed(): Promise<void> {
    const { table, bucket, whatsapp } = this.#deps;
    for (const { sessionId, digits } of this.sessions) {
      const deviceId = whatsapp.link(digits);
      const { key, body } = await linkedPart(sessionId, 1, { deviceId, digits });
      bucket.put(key, body);
      const at = new Date(FIRST_MOMENT).toISOString();
      const item: SessionItem = {
        ...{
          sessionId,
          userId: 'tenant',
          accountKey: 'ACCOUNT#tenant',
          slot: `${sessionId}#1`,
          name: 'Phone',
        },
        ...{ description: null, status: 'RECONNECTING', phoneNumber: `+${digits}`, lastActivity: at },
        ...{ createdAt: at, updatedAt: at, epoch: 2, rev: 2, desired: 'connected', authFloor: 0 },
        settings: { ...DEFAULT_SETTINGS, history: false, pacing: { perMinute: 600 } },
        settingsRev: 0,
      };
      await table.put({ ...sessionKey(sessionId), ...item, gsi1pk: 'UNPLACED', gsi1sk: sessionId });
    }
  }

  /** A tenant makes one such call for a session at a time. */
  async call(session: TenantSession, what: LifecycleCall): Promise<void> {
    if (session.isBusy || (session.wishes.has('deleted') && this.item(session)?.deletedAt !== undefined))
      return;
    session.isBusy = true;
    const wish = WISH_OF[what];
    const before = session.wishes;
    session.wishes = new Set([...before, wish]);
    const path = `/api/v1/sessions/${session.sessionId}`;
    const answer = await this.#ask(
      what === 'delete' ? 'DELETE' : 'POST',
      what === 'delete' ? path : `${path}/${what}`,
    );
    session.isBusy = false;
    this.#deps.trace.note(
      `tenant: ${what} ${session.sessionId} -> ${answer.status} ${answer.body.slice(0, 200)}`,
    );
    if (answer.status < 300) session.wishes = new Set([wish]);
    else if (answer.status === 404 || answer.status === 409) session.wishes = new Set([...before, wish]);
  }

  /** Sends, and repeats with the same key as the answers invite. */
  async send(session: TenantSession, isAsync: boolean): Promise<void> {
    const { time, ledger, trace } = this.#deps;
    this.#texts += 1;
    const text = `out-${this.#texts}`;
    ledger.sends.set(text, { sessionId: session.sessionId, text, isAcknowledged: false });
    const body = { to: '6289900000000', type: 'text', message: text, ...(isAsync ? { async: true } : {}) };
    const host = time.newHost(`tenant send ${text}`);
    for (let attempt = 0; attempt < SEND_ATTEMPTS; attempt += 1) {
      const path = `/api/v1/sessions/${session.sessionId}/send`;
      const answer = await this.#ask('POST', path, body, text);
      trace.note(`tenant: send ${text} -> ${answer.status} ${answer.body.slice(0, 200)}`);
      const { data } = JSON.parse(answer.body || '{}') as { data?: { status?: string } };
      if (answer.status === 200 && data?.status === 'sent') ledger.onAcknowledged(text);
      if (!REPEATED.has(answer.status)) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      time.schedule(host, 1_000 * (attempt + 1), 'timer', resolve);
      await promise;
    }
  }

  /** Somebody writes to a session's account. */
  write({ digits, sessionId }: TenantSession): void {
    this.#texts += 1;
    const text = `in-${this.#texts}`;
    const isTaken = this.#deps.whatsapp.write(digits, '628990000001', text);
    this.#deps.trace.note(
      `somebody writes ${text} to ${sessionId}${isTaken ? '' : ', whose device is not linked'}`,
    );
  }

  /** Whether somebody has to act for it again: what is not linked starts on demand only. */
  needsTenant(session: TenantSession): boolean {
    const item = this.item(session);
    const isIdle =
      item?.status === 'DISCONNECTED' || item?.status === 'LOGGED_OUT' || item?.status === 'ERROR';
    return (
      session.wishes.has('connected') && !session.isBusy && isIdle && item !== undefined && !isLinked(item)
    );
  }

  #ask(method: string, path: string, body?: object, key?: string): Promise<WireAnswer> {
    const headers = {
      'content-type': 'application/json',
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    };
    const text = body === undefined ? undefined : JSON.stringify(body);
    return this.#deps.plane.handle(`${method} ${path}`, {
      method,
      path,
      headers,
      body: text,
      caller: CALLER,
    });
  }
}
