import type { TenantSession } from '../parts/tenants.ts';
import type { World } from '../parts/world.ts';

/** What is not yet as a session's tenant may expect; `undefined` where all is well. */
function whatIsAmiss(world: World, session: TenantSession): string | undefined {
  const { whatsapp, fleet, tenants, ledger } = world;
  const { wishes, digits, isBusy, sessionId } = session;
  const item = tenants.item(session);
  const connection = whatsapp.connectionOf(digits);
  const process = connection === undefined ? undefined : fleet.processOf(connection);
  const isConnected = connection?.isOpenAtClient === true && process !== undefined;
  const shown = `${sessionId} (${item?.status}, ${item?.desired} of ${item?.workerId ?? 'nobody'} at ${item?.epoch}.${item?.rev})`;
  if (isBusy) return `${shown} is asked about`;
  if (!wishes.has('connected'))
    return isConnected ? `${shown} is connected by ${process?.host.name}` : undefined;
  if (wishes.size > 1) return undefined;
  if (!isConnected) return `${shown} is not connected`;
  if (item?.status !== 'CONNECTED')
    return `${shown} is connected by ${process.host.name}, and not known to be`;
  if (item.workerId !== process.workerId) return `${shown} is connected by ${process.host.name}`;
  const waiting = whatsapp.queueOf(digits).length;
  if (waiting > 0) return `${shown} has not taken ${waiting} stanzas`;
  for (const [text, of] of ledger.receipted)
    if (of === sessionId && !ledger.reached.has(text)) return `${shown}: ${text} has not reached its tenant`;
  return undefined;
}

/** What is not yet as tenants may expect, session by session. */
export function findUnsettled(world: World): string[] {
  return world.tenants.sessions.flatMap((session) => whatIsAmiss(world, session) ?? []);
}

/** Holds against a history whatever is not as wished, though it has had its time. */
export function checkEnd(world: World): void {
  for (const session of world.tenants.sessions) {
    const amiss = whatIsAmiss(world, session);
    if (amiss === undefined) continue;
    const isWanted = session.wishes.has('connected');
    world.ledger.break(
      isWanted
        ? 'wanted sessions are connected in the end'
        : 'what is not wanted is not connected in the end',
      amiss,
    );
  }
}
