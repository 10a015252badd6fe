import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MESSAGE_STATUSES } from '../../../shared/messages/schema.ts';
import { createMessageStore, MESSAGE_TTL_MS, type MessageStore } from '../../../shared/messages/store.ts';
import { type LocalTable, startLocalTable } from '../../../testing/control-plane/local-table.ts';

let local: LocalTable;
let messages: MessageStore;
const clock = { now: Date.parse('2026-01-01T00:00:00Z') };
beforeAll(async () => {
  local = await startLocalTable();
  messages = createMessageStore(local.table, () => clock.now);
});
afterAll(() => local.close());

const at = '2026-01-01T00:00:00.000Z';
const step = (messageId: string, status: (typeof MESSAGE_STATUSES)[number]) =>
  messages.advance({ sessionId: 's', messageId, status, at });

describe('a message', () => {
  it('a message moves forward only, in whatever order its reports come', async () => {
    await step('m1', 'pending');
    await step('m1', 'read');
    expect(await step('m1', 'delivered')).toBeUndefined();
    expect(await step('m1', 'read')).toBeUndefined();
    const record = await messages.get('s', 'm1');
    expect(record?.status).toBe('read');
    expect(record?.timeline.map(({ status }) => status)).toEqual(['pending', 'read']);
  });

  it('a message ends in its highest status when all reports come at once', async () => {
    await Promise.all(MESSAGE_STATUSES.map((status) => step('m2', status)));
    expect(await messages.get('s', 'm2')).toMatchObject({ status: 'played' });
  });

  it('a message that failed stays so, unless it was delivered after all', async () => {
    await step('m3', 'failed');
    expect(await step('m3', 'sent')).toBeUndefined();
    expect(await step('m3', 'delivered')).toMatchObject({ status: 'delivered' });
  });

  it('a message is known from its first report even where sending left no record', async () => {
    expect(await step('m4', 'sent')).toMatchObject({ status: 'sent', createdAt: at });
  });

  it('a message is forgotten after its time, whether or not the table has tidied up', async () => {
    await step('m5', 'sent');
    clock.now += MESSAGE_TTL_MS;
    expect(await messages.get('s', 'm5')).toBeUndefined();
  });
});
