import { AppError } from '../../shared/errors/app-error.ts';
import { findUrlFault } from '../../shared/outbound/outbound-policy.ts';
import { updateSession } from '../../shared/sessions/routes.ts';
import { type SessionItem, settingsFor } from '../../shared/sessions/session-item.ts';
import { changeSettings, DEFAULT_SETTINGS, type SettingsChange } from '../../shared/sessions/settings.ts';
import type { Description } from '../../shared/sessions/store.ts';
import type { Deps } from '../deps.ts';
import { implement } from '../http/implement.ts';
import { hop } from '../workers/calls/hop.ts';
import { presentSession } from './confirm-sessions.ts';
import { changeSession } from './lifecycle/command-session.ts';
import { findOwnSession, noSuchSession } from './own-session.ts';

/** A worker that does not answer within this time hears of it by its next heartbeat. */
const TIMEOUT_MS = 5_000;

/**
 * Checks the proxy's URL; the worker checks its address each time it connects.
 * @throws AppError VALIDATION_ERROR
 */
function checkProxy(
  { outboundPolicy }: Pick<Deps, 'outboundPolicy'>,
  proxy: string | null | undefined,
): void {
  if (proxy === undefined || proxy === null) return;
  const fault = findUrlFault(`https://${new URL(proxy).host}`, outboundPolicy);
  if (fault === undefined) return;
  const details = [{ path: 'settings.proxy', message: fault }];
  throw new AppError('VALIDATION_ERROR', `Check "settings.proxy" in the body: ${fault}.`, { details });
}

async function describe(deps: Deps, { sessionId }: SessionItem, about: Description): Promise<SessionItem> {
  const described = await deps.stores.sessions.describe(sessionId, about);
  if (described === undefined) throw noSuchSession();
  return described;
}

async function configure(
  deps: Deps,
  session: SessionItem,
  about: Description,
  change: SettingsChange,
): Promise<SessionItem> {
  checkProxy(deps, change.proxy);
  return await changeSession(deps, session, (current) =>
    deps.stores.sessions.configure(
      current,
      about,
      changeSettings(current.settings ?? DEFAULT_SETTINGS, change, deps.now()),
    ),
  );
}

/**
 * The command makes the change fast; the heartbeat's answer makes it certain, also for workers without this
 * command.
 */
async function tellOwner(deps: Deps, session: SessionItem, requestId: string): Promise<void> {
  const { sessionId, epoch, workerEndpoint: endpoint } = session;
  const { settings } = settingsFor(session);
  if (endpoint === undefined || settings === undefined) return;
  const request = { params: { sessionId }, body: { epoch, settings } };
  const client = deps.workers({ endpoint, requestId });
  const { outcome } = await hop(client.workerConfigureSession(request, { timeoutMs: TIMEOUT_MS }));
  if (outcome !== 'answered') deps.log.info({ sessionId, outcome }, 'new settings wait for the heartbeat');
}

export const handler = implement(updateSession, async ({ caller, params, body, requestId }, deps) => {
  const session = await findOwnSession(deps, caller, params.sessionId);
  const { settings, ...about } = body;
  if (settings === undefined)
    return { data: await presentSession(deps, await describe(deps, session, about)) };
  const configured = await configure(deps, session, about, settings);
  await tellOwner(deps, configured, requestId);
  return { data: await presentSession(deps, configured) };
});
