import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Gateway, linkSession, startGateway, type Tenant } from '../../testing/harness/gateway.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../../testing/harness/webhook-receiver.ts';

const OWN = '6281200000041';
const FRIEND = '6281200000042';
const OTHER = '6281200000043';
const waitMs = 60_000;

describe('a tenant’s conversations', () => {
  let gateway: Gateway;
  let tenant: Tenant;
  let receiver: WebhookReceiver;
  let params: { sessionId: string };

  beforeAll(async () => {
    [gateway, receiver] = await Promise.all([startGateway(), startWebhookReceiver()]);
    tenant = await gateway.signUp('talker');
    await gateway.sandbox.addContact({ number: FRIEND, name: 'Grace' });
    await gateway.sandbox.addContact({ number: OTHER, name: 'Alan' });
    await tenant.api.createWebhook({ body: { url: receiver.url, events: ['*'] } });
    const { sessionId } = await linkSession(gateway, tenant, OWN);
    params = { sessionId };
  });
  afterAll(async () => {
    await gateway.close();
    await receiver.close();
  });

  const told = (type: string, of: Record<string, unknown>) =>
    receiver.next(
      (webhook) =>
        webhook.type === type && Object.entries(of).every(([name, value]) => webhook.data[name] === value),
    );
  const seen = async (id: string, by = FRIEND) =>
    (await gateway.sandbox.inbox(by, { id, waitMs })).messages[0];

  it('found a group, add a person, write there, and change it; webhooks tell of each change', async () => {
    const body = { subject: 'Delivery', participants: [FRIEND] };
    const { data: group } = await tenant.api.createGroup({ params, body });
    const { groupId } = group;
    const added = await tenant.api.changeParticipants({
      params: { ...params, groupId },
      body: { action: 'add', participants: [OTHER, FRIEND] },
    });
    expect(added.data.results.map(({ done }) => done)).toEqual([true, false]);
    const { data } = await tenant.api.sendMessage({
      params,
      body: { to: groupId, type: 'poll', poll: { question: 'When?', options: ['Now', 'Later'] } },
    });
    for (const member of [FRIEND, OTHER])
      expect(await seen(data.messageId, member)).toMatchObject({
        type: 'poll',
        text: 'When?',
        chat: groupId,
      });
    await tenant.api.updateGroup({ params: { ...params, groupId }, body: { subject: 'Delivery, west' } });
    expect((await told('group.updated', { groupId, action: 'subject' })).data).toMatchObject({
      subject: 'Delivery, west',
      by: { phoneNumber: `+${OWN}` },
    });
    const listed = await tenant.api.listGroups({ params });
    expect(listed.data.groups).toMatchObject([{ groupId, subject: 'Delivery, west', size: 3 }]);
  });

  it('react, edit and revoke, and the other phone sees it', async () => {
    const body = { to: FRIEND, type: 'text', message: 'Teh parcel is here' };
    const { data: message } = await tenant.api.sendMessage({ params, body });
    const target = { ...params, messageId: message.messageId };
    const edited = await tenant.api.editMessage({ params: target, body: { message: 'The parcel is here' } });
    expect(await seen(edited.data.messageId)).toMatchObject({ type: 'edit', text: 'The parcel is here' });
    const reacted = await tenant.api.reactToMessage({ params: target, body: { emoji: '📦' } });
    expect(await seen(reacted.data.messageId)).toMatchObject({ type: 'reaction', text: '📦' });
    const revoked = await tenant.api.deleteMessage({ params: target });
    expect(await seen(revoked.data.messageId)).toMatchObject({
      type: 'revoke',
      details: { messageId: message.messageId },
    });
  });

  it('are told of reactions, reads and calls of theirs; they see us typing and reading', async () => {
    const { ids } = await gateway.sandbox.send(FRIEND, { to: OWN, text: 'Thank you' });
    const [messageId = ''] = ids;
    await told('message.received', { id: messageId });
    await tenant.api.setPresence({ params, body: { presence: 'typing', to: FRIEND } });
    expect((await gateway.sandbox.presences(FRIEND, { from: OWN, waitMs })).presences).toMatchObject([
      { presence: 'typing' },
    ]);
    await tenant.api.readMessage({ params: { ...params, messageId }, body: { to: FRIEND } });
    const read = { id: messageId, device: 1, kind: 'read', waitMs } as const;
    expect((await gateway.sandbox.receipts(FRIEND, read)).receipts).toHaveLength(1);
    await gateway.sandbox.send(FRIEND, { to: OWN, reaction: { emoji: '🙏', messageId, fromMe: true } });
    await told('message.reaction', { messageId, emoji: '🙏' });
    const { callId } = await gateway.sandbox.call(FRIEND, { to: OWN });
    expect((await told('call.received', { callId })).data).toMatchObject({ phoneNumber: `+${FRIEND}` });
  });

  it('know whom they have met, and who is on WhatsApp', async () => {
    const { data } = await tenant.api.listContacts({ params });
    expect(data.contacts).toContainEqual(
      expect.objectContaining({ phoneNumber: `+${FRIEND}`, pushName: 'Grace' }),
    );
    const checked = await tenant.api.checkContacts({
      params,
      body: { phoneNumbers: [`+${OTHER}`, '6281200000099'] },
    });
    expect(checked.data.results.map(({ exists }) => exists)).toEqual([true, false]);
  });
});
