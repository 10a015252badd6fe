import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Deps } from '../../../../functions/deps.ts';
import { drainSession } from '../../../../functions/messages/outbox/drain-session.ts';
import { endEarlier, removeMessage } from '../../../../functions/messages/outbox/end-earlier.ts';
import { drainBatch } from '../../../../functions/messages/outbox/outbox-function.ts';
import { listener } from '../../../../testing/control-plane/scenario.ts';
import { type OutboxFixture, startOutbox, text } from './outbox-fixture.ts';

const MINUTE_MS = 60_000;
const FIRST_PHONE = '+6281111111111';
const OTHER_PHONE = '+6282222222222';

let outbox: OutboxFixture;

beforeAll(async () => {
  outbox = await startOutbox();
});
afterAll(() => outbox.delivery.close());
beforeEach(async () => {
  await outbox.begin();
  await outbox.link(FIRST_PHONE);
});
afterEach(() => outbox.drain());

async function accept(message: string, more: object = {}): Promise<string> {
  const body = text(message, { async: true, ...more });
  const { status, data } = await outbox.call<{ messageId: string }>('POST', '/send', { body });
  expect(status).toBe(202);
  return data.messageId;
}
const inAnHour = () => ({
  scheduledAt: new Date(outbox.delivery.clock.now + 60 * MINUTE_MS).toISOString(),
});
async function keepPending(message: string, media?: string): Promise<string> {
  outbox.worker.fate(() => 'dies before');
  const file = { to: '6281234567890', type: 'document', media, filename: 'large.pdf' };
  const { status, data } = await outbox.call<{ messageId: string }>('POST', '/send', {
    body: media === undefined ? text(message) : file,
  });
  outbox.worker.fate(() => 'sent');
  expect(status).toBe(202);
  return data.messageId;
}
/** As an invocation of its own, with these dependencies. */
const drainOnce = (deps = outbox.deps, remainingMs = () => Number.POSITIVE_INFINITY) =>
  drainSession(deps, outbox.session.sessionId, remainingMs);
const replacing = (more: (stores: Deps['stores']) => Partial<Deps['stores']>): Deps => ({
  ...outbox.deps,
  stores: { ...outbox.deps.stores, ...more(outbox.deps.stores) },
});
/** Answers which messages the tenant's endpoint is told of from now on, as failed because of a logout. */
async function listenForFailures(): Promise<() => Promise<unknown[]>> {
  const { plane, receiver, drain } = outbox.delivery;
  const body = { url: receiver.url, events: ['message.failed'] };
  const made = await plane.call('POST', '/api/v1/webhooks', { token: outbox.token, body });
  expect(made.status).toBe(201);
  return async () => {
    await drain();
    const own = receiver.received.filter(({ sessionId }) => sessionId === outbox.session.sessionId);
    for (const { data } of own) expect(data).toMatchObject({ errorCode: 'SESSION_LOGGED_OUT' });
    return own.map(({ data }) => data['messageId']);
  };
}
/** Ids of the failed messages that a WebSocket client heard of, each with its event's. */
const failuresHeardBy = (client: string) =>
  outbox.delivery.plane.clients
    .framesOf(client)
    .filter(({ event }) => event === 'message.failed')
    .map(({ id, data }) => [data['messageId'], id])
    .toSorted();
const wakeUpOf = () => outbox.deps.stores.wakeUps.get(outbox.session.sessionId);

describe('after a logout', () => {
  const FAILED = { status: 'failed', errorCode: 'SESSION_LOGGED_OUT' };
  const ways = {
    'its tenant’s': async () => {
      expect((await outbox.call('POST', '/logout')).data).toMatchObject({ status: 'LOGGED_OUT' });
    },
    'its phone’s': () => outbox.reportSession(9, 'logged_out'),
  };

  it.each(Object.entries(ways))(
    '(%s) whatever waited has failed, and its tenant is told',
    async (_, logOut) => {
      const kept = await keepPending('kept as pending');
      await outbox.disconnect();
      const ids = [await accept('async'), await accept('scheduled', inAnHour()), kept];
      const told = await listenForFailures();
      const client = await listener(outbox.delivery.plane, outbox.token);
      await logOut();
      await outbox.later(0);
      expect((await told()).toSorted()).toEqual(ids.toSorted());
      const posted = outbox.delivery.receiver.received
        .filter(({ sessionId }) => sessionId === outbox.session.sessionId)
        .map(({ id, data }) => [data['messageId'], id]);
      expect(failuresHeardBy(client)).toEqual(posted.toSorted());
      for (const id of ids) expect(await outbox.show(id)).toMatchObject(FAILED);
      expect((await outbox.counted()).byStatus).toEqual({ failed: 3 });
      outbox.worker.calls.length = 0;
      await outbox.link(FIRST_PHONE);
      await outbox.later(2 * MINUTE_MS);
      await outbox.later(60 * MINUTE_MS);
      expect([outbox.worker.calls, await wakeUpOf()]).toEqual([[], undefined]);
    },
  );

  it('what is accepted from then on waits for the phone that is linked next', async () => {
    await outbox.disconnect();
    await accept('from the first phone');
    await outbox.reportSession(9, 'logged_out');
    await accept('from the other phone');
    await outbox.later(0);
    await outbox.link(OTHER_PHONE);
    await outbox.drain();
    expect(outbox.texts).toEqual(['from the other phone']);
  });

  it('nothing leaves by another phone that is linked before the line was looked at', async () => {
    const messageId = await accept('scheduled', inAnHour());
    const { wakeUps } = outbox.deps.stores;
    outbox.deps.stores.wakeUps = { ...wakeUps, end: async () => {} };
    await outbox.reportSession(9, 'logged_out');
    await outbox.link(OTHER_PHONE);
    outbox.deps.stores.wakeUps = wakeUps;
    await outbox.later(61 * MINUTE_MS);
    await outbox.later(MINUTE_MS);
    expect(outbox.worker.calls).toEqual([]);
    expect(await outbox.show(messageId)).toMatchObject(FAILED);
  });

  it('nothing that was accepted by a request that began before it is overlooked', async () => {
    const { wakeUps } = outbox.deps.stores;
    const touch: typeof wakeUps.touch = async (about) => {
      outbox.deps.stores.wakeUps = wakeUps;
      const touched = await wakeUps.touch(about);
      await outbox.reportSession(9, 'logged_out');
      await outbox.later(0);
      return touched;
    };
    outbox.deps.stores.wakeUps = { ...wakeUps, touch };
    const messageId = await accept('while it is logged out', inAnHour());
    await outbox.later(0);
    expect(await outbox.show(messageId)).toMatchObject({ status: 'pending' });
    await outbox.later(MINUTE_MS);
    expect(await outbox.show(messageId)).toMatchObject(FAILED);
  });

  it('that nobody heard of, another phone number ends what waited for the one before', async () => {
    const messageId = await accept('scheduled', inAnHour());
    await outbox.link(OTHER_PHONE);
    await outbox.later(0);
    expect(await outbox.show(messageId)).toMatchObject(FAILED);
    const after = await accept('of the other phone');
    await outbox.link(OTHER_PHONE);
    await outbox.later(MINUTE_MS);
    expect(await outbox.show(after)).toMatchObject({ status: 'sent' });
  });

  it('what has left meanwhile has not failed', async () => {
    const messageId = await keepPending('on its way');
    await outbox.report(messageId, 'sent');
    await outbox.reportSession(9, 'logged_out');
    await outbox.later(0);
    expect(await outbox.show(messageId)).toMatchObject({ status: 'sent' });
  });

  it('what is being handed over just then is left to its outcome', async () => {
    outbox.worker.fate(async () => {
      await outbox.reportSession(9, 'logged_out');
      await drainOnce();
      return 'sent' as const;
    });
    const messageId = await accept('on its way');
    await outbox.drain();
    await outbox.later(2 * MINUTE_MS);
    expect((await outbox.show(messageId)).timeline.map(({ status }) => status)).toEqual(['pending', 'sent']);
  });

  it('who still sees the session as it was neither sends nor fails what came later', async () => {
    const before = outbox.session;
    await outbox.reportSession(9, 'logged_out');
    const messageId = await accept('for the next phone');
    const connected = { ...before, status: 'CONNECTED' as const };
    const get = async () => connected;
    await drainOnce(replacing(({ sessions }) => ({ sessions: { ...sessions, get } })));
    expect(outbox.worker.calls).toEqual([]);
    expect((await outbox.show(messageId)).status).toBe('pending');
  });

  it('nothing leaves any more from the moment it is asked for', async () => {
    const wished = await outbox.deps.stores.sessions.wish(outbox.session, 'logged_out');
    expect(wished).toBeDefined();
    await accept('too late');
    await outbox.later(MINUTE_MS);
    expect(outbox.worker.calls).toEqual([]);
  });
});

describe('the deletion of a session', () => {
  const remove = () => outbox.call('DELETE', '');
  /** The same name is the same id. */
  async function createAgain(): Promise<void> {
    const { userId, sessionId, accountKey, name } = outbox.session;
    const again = { userId, sessionId, accountKey, name, slot: 'again', description: null };
    await outbox.connect(await outbox.deps.stores.sessions.create(again));
    await outbox.reportSession(1, 'connected', { phoneNumber: OTHER_PHONE });
  }
  /** What the table holds of its messages, as partition keys. */
  async function leftovers(bodyOf: string): Promise<string[]> {
    const { sessionId } = outbox.session;
    const partitions = ['OUTBOX', 'OUTBOX_LINE', 'OUTBOX_BELL', 'MESSAGES', 'MEDIA']
      .map((each) => `${each}#${sessionId}`)
      .concat(`OUTBOX_BODY#${sessionId}#${bodyOf}`);
    const found = await Promise.all(
      partitions.map((pk) => outbox.delivery.plane.local.table.query({ pk }, z.object({ pk: z.string() }))),
    );
    return found.flat().map(({ pk }) => pk);
  }
  async function fill(): Promise<string> {
    await accept('sent');
    await outbox.drain();
    const large = await keepPending('large', `data:application/pdf;base64,${'A'.repeat(700_000)}`);
    await accept('scheduled', inAnHour());
    const media = { mimetype: 'image/png', sizeBytes: 10, filename: null };
    await outbox.deps.stores.media.create({ sessionId: outbox.session.sessionId, mediaId: 'm1', ...media });
    return large;
  }
  const death = async (): Promise<never> => {
    throw new Error('the process died here');
  };

  it('removes what waited, with its bodies, records and declared uploads', async () => {
    const large = await fill();
    expect((await leftovers(large)).length).toBeGreaterThan(5);
    expect((await remove()).status).toBe(200);
    expect(await leftovers(large)).toEqual([`OUTBOX_BELL#${outbox.session.sessionId}`]);
    await outbox.later(MINUTE_MS + 1);
    expect(await leftovers(large)).toEqual([]);
  });

  it('is carried to its end where the process dies after any part of it', async () => {
    const large = await fill();
    const { stores } = outbox.deps;
    outbox.deps.stores = { ...stores, outbox: { ...stores.outbox, purge: death } };
    expect((await remove()).status).toBe(202);
    outbox.deps.stores = stores;
    const dyingParts = [
      replacing(({ messages }) => ({ messages: { ...messages, purge: death } })),
      replacing(({ media }) => ({ media: { ...media, purge: death } })),
      replacing(({ wakeUps }) => ({ wakeUps: { ...wakeUps, settleEnd: death } })),
    ];
    outbox.delivery.clock.now += 2 * MINUTE_MS;
    for (const dying of dyingParts) await expect(drainOnce(dying)).rejects.toThrow('died');
    await outbox.later(20 * MINUTE_MS);
    expect(await leftovers(large)).toEqual([]);
  });

  it('that breaks off before it is written down leaves the session as it was', async () => {
    await accept('scheduled', inAnHour());
    const { stores } = outbox.deps;
    outbox.deps.stores = { ...stores, sessions: { ...stores.sessions, bury: death } };
    expect((await remove()).status).toBe(500);
    outbox.deps.stores = stores;
    await outbox.later(2 * MINUTE_MS);
    expect(await wakeUpOf()).not.toHaveProperty('endedAt');
    await outbox.later(60 * MINUTE_MS);
    expect(outbox.texts).toEqual(['scheduled']);
  });

  it('goes on where there is more than one invocation has time for', async () => {
    const large = await fill();
    for (let sent = 0; sent < 60; sent += 1)
      await outbox.deps.stores.messages.advance({
        ...{ sessionId: outbox.session.sessionId, messageId: `m${sent}`, status: 'sent' },
        at: new Date(outbox.delivery.clock.now).toISOString(),
      });
    const { stores } = outbox.deps;
    outbox.deps.stores = { ...stores, outbox: { ...stores.outbox, purge: death } };
    await remove();
    outbox.deps.stores = stores;
    outbox.delivery.clock.now += 2 * MINUTE_MS;
    let looks = 0;
    const someTime = () => {
      looks += 1;
      return looks % 6 === 0 ? 0 : 100_000;
    };
    await drainOnce(outbox.deps, someTime);
    expect((await leftovers(large)).length).toBeGreaterThan(0);
    await outbox.drain((event) => drainBatch(outbox.deps, event, someTime));
    expect(await leftovers(large)).toEqual([]);
  });

  it('lets nothing leave by the session made anew under its name, and leaves alone what is that one’s', async () => {
    const large = await fill();
    const { stores } = outbox.deps;
    outbox.deps.stores = { ...stores, outbox: { ...stores.outbox, head: death } };
    expect((await remove()).status).toBe(202);
    outbox.deps.stores = stores;
    outbox.worker.calls.length = 0;
    // As quickly as a clock that stands still.
    await createAgain();
    const sent = await accept('of the new one');
    const scheduled = await accept('of the new one, later', inAnHour());
    await outbox.later(0);
    await outbox.later(2 * MINUTE_MS);
    expect(outbox.texts.slice(-1)).toEqual(['of the new one']);
    // Places that others had are free again.
    expect(await wakeUpOf()).toMatchObject({ waiting: 1 });
    expect((await outbox.show(sent)).status).toBe('sent');
    expect(await leftovers(large)).not.toContain(`OUTBOX_BODY#${outbox.session.sessionId}#${large}`);
    await outbox.later(60 * MINUTE_MS);
    expect((await outbox.show(scheduled)).status).toBe('sent');
    expect(outbox.worker.calls).toEqual([sent, scheduled]);
  });

  it('does no harm to the session made anew, however late a purge that began before goes on', async () => {
    await fill();
    const tombstone = await outbox.deps.stores.sessions.bury(outbox.session);
    if (tombstone?.deletedAt === undefined) throw new Error('it was not deleted');
    const readAt = outbox.delivery.clock.now;
    outbox.delivery.clock.now += 1_000;
    await createAgain();
    const sent = await accept('of the new one');
    await outbox.drain();
    const scheduled = await accept('of the new one, later', inAnHour());
    await endEarlier(outbox.deps, tombstone, { readAt, mayGoOn: () => true, endMessage: removeMessage });
    expect((await outbox.show(sent)).status).toBe('sent');
    await outbox.later(61 * MINUTE_MS);
    expect((await outbox.show(scheduled)).status).toBe('sent');
  });
});
