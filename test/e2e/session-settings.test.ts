import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Gateway, startGateway, type Tenant } from '../../testing/harness/gateway.ts';

const OWN = '6281200000021';
const FRIEND = '6281200000022';

describe('a session linked by code, with settings of its own', () => {
  let gateway: Gateway;
  let tenant: Tenant;
  let sessionId: string;

  beforeAll(async () => {
    gateway = await startGateway();
    tenant = await gateway.signUp('settings');
    await gateway.sandbox.addAccount({ number: OWN, name: 'Owner' });
    await gateway.sandbox.addContact({ number: FRIEND, name: 'Grace' });
    const { data } = await tenant.api.createSession({ body: { name: 'by code' } });
    ({ sessionId } = data);
  });
  afterAll(() => gateway.close());

  const text = (message: string) => ({ to: FRIEND, type: 'text' as const, message });
  const send = (body: Parameters<Tenant['api']['sendMessage']>[0]['body']) =>
    tenant.api.sendMessage({ params: { sessionId }, body });

  it('shows a code and is CONNECTED once the phone has typed it, and gives no other then', async () => {
    const live = await tenant.live();
    await live.subscribe(sessionId);
    const params = { sessionId };
    const first = await tenant.api.requestPairingCode({ params, body: { phoneNumber: OWN } });
    const { data } = await tenant.api.requestPairingCode({ params, body: { phoneNumber: `+${OWN}` } });
    expect(data).toMatchObject({ phoneNumber: `+${OWN}`, code: expect.stringMatching(/^[0-9A-Z]{8}$/) });
    expect(data.code).not.toBe(first.data.code);
    await gateway.sandbox.enterCode(OWN, data.code);
    await live.waitFor('session_status_update', ({ status }) => status === 'CONNECTED');
    await expect(tenant.api.requestPairingCode({ params, body: { phoneNumber: OWN } })).rejects.toMatchObject(
      { code: 'CONFLICT' },
    );
  });

  it('paces what is sent at once and what is sent from the outbox by one count', async () => {
    const body = { settings: { pacing: { perMinute: 2 } } };
    await tenant.api.updateSession({ params: { sessionId }, body });
    const { data } = await send({ ...text('from the outbox'), async: true });
    await gateway.sandbox.inbox(FRIEND, { id: data.messageId, waitMs: 60_000 });
    await send(text('at once'));
    await expect(send(text('too many'))).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterS: expect.any(Number),
    });
    // Without a pace it leaves again.
    await tenant.api.updateSession({ params: { sessionId }, body: { settings: { pacing: null } } });
    expect((await send(text('freely'))).status).toBe(200);
  });
});
