import { sessionIdOf } from '../../../shared/accounts/session-slot.ts';
import type { SessionItem } from '../../../shared/sessions/session-item.ts';
import type { Deps } from '../../deps.ts';
import { listOwned } from '../../workers/supervision/declare-dead.ts';

export interface SessionPage {
  sessions: SessionItem[];
  /** The position of the next page; `undefined` on the last. */
  next: string | undefined;
}

interface PageOptions {
  limit: number;
  after: string | undefined;
  workerId: string | undefined;
  isAsked: (session: SessionItem) => boolean;
}

/** Accounts read for one page at most: a page may be short, but it always comes. */
const MAX_ACCOUNTS = 300;
const BATCH = 50;

/**
 * A position is either an account in the list of accounts or a session within one; this character tells them
 * apart.
 */
const APART = '\n';

async function pageOfWorker(deps: Deps, workerId: string, options: PageOptions): Promise<SessionPage> {
  const { limit, after = '', isAsked } = options;
  const owned = (await listOwned(deps, workerId))
    .filter((session) => session.deletedAt === undefined && isAsked(session) && session.sessionId > after)
    .toSorted((a, b) => (a.sessionId < b.sessionId ? -1 : 1));
  const sessions = owned.slice(0, limit);
  return { sessions, next: owned.length > limit ? sessions.at(-1)?.sessionId : undefined };
}

async function sessionsOf(deps: Deps, accounts: readonly { userId: string; sessionIds: Set<string> }[]) {
  const ids = accounts.flatMap(({ sessionIds }) => [...sessionIds].map(sessionIdOf));
  const found = await deps.stores.sessions.getMany(ids);
  return Map.groupBy(found, ({ userId }) => userId);
}

/**
 * Lists sessions across tenants without an index of their own: accounts are listed by an index partition, and
 * each account names its sessions. A worker's sessions have a partition of their own.
 */
export async function pageOfSessions(deps: Deps, options: PageOptions): Promise<SessionPage> {
  if (options.workerId !== undefined) return await pageOfWorker(deps, options.workerId, options);
  const { limit, isAsked } = options;
  const sessions: SessionItem[] = [];
  const [startAccount, startSession = ''] = options.after?.split(APART) ?? [];
  let after = startAccount === '' ? undefined : startAccount;
  let resumeIn = startSession;
  for (let looked = 0; looked < MAX_ACCOUNTS; looked += BATCH) {
    const page = await deps.stores.accountChanges.list({ limit: BATCH, after });
    const byUser = await sessionsOf(deps, page.accounts);
    for (const { userId, createdAt } of page.accounts) {
      const position = `${createdAt}#${userId}`;
      const own = (byUser.get(userId) ?? [])
        .filter((session) => session.deletedAt === undefined && isAsked(session))
        .filter(({ sessionId }) => !resumeIn.startsWith(`${userId}-`) || sessionId > resumeIn)
        .toSorted((a, b) => (a.sessionId < b.sessionId ? -1 : 1));
      resumeIn = '';
      for (const session of own) {
        if (sessions.length === limit)
          return { sessions, next: `${after ?? ''}${APART}${lastIn(sessions, userId)}` };
        sessions.push(session);
      }
      after = position;
    }
    if (page.next === undefined) return { sessions, next: undefined };
    after = page.next;
  }
  return { sessions, next: `${after ?? ''}${APART}` };
}

/** The next page starts in the account where this one ended, or in the next account. */
function lastIn(sessions: readonly SessionItem[], userId: string): string {
  const last = sessions.at(-1);
  return last?.userId === userId ? last.sessionId : '';
}
