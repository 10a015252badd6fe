import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ReportedData, ReportedName } from '../../../shared/events/worker-report.ts';
import {
  type Bench,
  type BenchWorker,
  FRIEND,
  FRIEND_JID,
  jidOf,
  kill,
  PHONE,
  SESSION,
  startLinked,
  takeOver,
} from '../../../testing/worker/start-bench.ts';

let bench: Bench;
let worker: BenchWorker;
let epoch = 1;
let friendLid = '';

const OTHER = '6281111111111';

beforeAll(async () => {
  ({ bench, worker } = await startLinked({}, { sealed: 'lid' }));
  await bench.sandbox.addContact({ number: OTHER, name: 'Other' });
  friendLid = (await bench.sandbox.listAccounts()).find(({ number }) => number === FRIEND)?.lid ?? '';
});
afterEach(() => bench.sandbox.clearFaults());
afterAll(() => bench.close());

/** The worker is killed, and another one goes on with the session from what is stored. */
async function restart(): Promise<void> {
  await kill(worker);
  epoch += 1;
  worker = await takeOver(bench, epoch);
}

const from = (number: string, message: Parameters<Bench['sandbox']['send']>[1]) =>
  bench.sandbox.send(number, message);
const say = async (message: Omit<Parameters<Bench['sandbox']['send']>[1], 'to'>) =>
  (await from(FRIEND, { to: PHONE, ...message })).ids[0] ?? '';
const told = async <N extends ReportedName>(event: N, id: string): Promise<ReportedData<N>> =>
  (await worker.sink.event(event, (data) => 'id' in data && data.id === id)).data;
const found = async (id: string) => (await worker.registry.message(SESSION, id)).message;

test('content of any kind comes with all its parts, by report and in the history alike', async () => {
  const message = {
    templateMessage: { hydratedTemplate: { hydratedContentText: 'Your code is 1234', hydratedButtons: [] } },
  };
  const id = await say({ raw: { message } });
  const expected = {
    type: 'template',
    content: 'Your code is 1234',
    interactive: { body: 'Your code is 1234' },
  };
  expect(await told('message_received', id)).toMatchObject({
    ...expected,
    sender: { phoneNumber: `+${FRIEND}`, lid: friendLid, name: 'Friend' },
    chat: { id: friendLid, kind: 'direct' },
    isGroup: false,
  });
  expect(await found(id)).toMatchObject({ ...expected, sender: { phoneNumber: `+${FRIEND}` } });
});

test('what has no form here is told of by WhatsApp’s name for it', async () => {
  const id = await say({ raw: { message: { requestPhoneNumberMessage: {} } } });
  expect(await told('message_received', id)).toMatchObject({
    type: 'unsupported',
    content: null,
    unsupported: { kind: 'requestPhoneNumberMessage' },
  });
});

describe('somebody', () => {
  test('whose message names only their LID looks the same as ever', async () => {
    const known = await say({ text: 'both names' });
    const id = await say({ text: 'one name', onlyLid: true });
    const { sender, chatId, from } = await told('message_received', known);
    expect(await told('message_received', id)).toMatchObject({ sender, chatId, from });
  });

  test('of whom a group notice tells by LID alone is told of by both names', async () => {
    await told('message_received', await say({ text: 'I am known' }));
    await bench.sandbox.setOptions({ alternates: false });
    await bench.sandbox.createGroup({ subject: 'Known', creator: FRIEND, participants: [PHONE] });
    const created = await worker.sink.event(
      'group_updated',
      (data) => 'subject' in data && data.subject === 'Known',
    );
    await bench.sandbox.setOptions({ alternates: true });
    expect(created.data).toMatchObject({ by: { phoneNumber: `+${FRIEND}`, lid: friendLid } });
  });

  test('who sends to a broadcast list is its chat, and a status post and a channel are none of a group', async () => {
    await from(FRIEND, { to: '1700@broadcast', recipients: [PHONE], text: 'list', id: 'LIST-1' });
    await from(FRIEND, { to: 'status@broadcast', recipients: [PHONE], text: 'status', id: 'STATUS-1' });
    const channel = await bench.sandbox.createChannel({ name: 'News', followers: [PHONE] });
    await bench.sandbox.post(channel.id, { text: 'news', id: 'POST-1' });
    const sender = { phoneNumber: `+${FRIEND}`, lid: friendLid };
    expect(await told('message_received', 'LIST-1')).toMatchObject({
      chat: { id: friendLid, kind: 'broadcast' },
      isGroup: false,
      sender,
    });
    expect(await told('message_received', 'STATUS-1')).toMatchObject({
      chat: { id: 'status@broadcast', kind: 'status' },
      isGroup: false,
      sender,
    });
    expect(await told('message_received', 'POST-1')).toMatchObject({
      chat: { id: channel.id, kind: 'channel' },
      isGroup: false,
      content: 'news',
    });
  });
});

describe('what is sealed with the secret of its original', () => {
  test.each(['lid', 'pn'] as const)('is an edit, by %s, and is read', async (sealed) => {
    const messageId = await say({ text: 'frist' });
    await told('message_received', messageId);
    const id = await say({ edit: { messageId, text: 'first' }, sealed });
    expect(await told('message_edited', id)).toMatchObject({ messageId, content: 'first' });
    expect(await found(messageId)).toMatchObject({ content: 'first' });
  });

  test('is read after the worker was killed', async () => {
    const messageId = await say({ text: 'befroe' });
    await told('message_received', messageId);
    await restart();
    const id = await say({ edit: { messageId, text: 'before' }, sealed: 'pn' });
    expect(await told('message_edited', id)).toMatchObject({ messageId, content: 'before' });
  });

  test('by phones of before is read as ever', async () => {
    const messageId = await say({ text: 'old' });
    const id = await say({ edit: { messageId, text: 'new' }, sealed: 'off' });
    expect(await told('message_edited', id)).toMatchObject({ messageId, content: 'new' });
  });

  test('with a secret that nobody here knows is told of all the same', async () => {
    await bench.sandbox.addPast(FRIEND, {
      chat: PHONE,
      messages: [{ from: FRIEND, text: 'before the link', id: 'PAST-1', at: 1_790_000_000 }],
    });
    const id = await say({ edit: { messageId: 'PAST-1', text: 'changed' }, sealed: 'lid' });
    const told_ = await told('message_edited', id);
    expect(told_).toMatchObject({ messageId: 'PAST-1', content: null, unreadable: true });
  });

  test('are votes, which change, are taken back, and are counted, also after a restart', async () => {
    const messageId = await say({ poll: { question: 'Lunch?', options: ['Soto', 'Rendang'] } });
    await told('message_received', messageId);
    const vote = async (options: string[]) => {
      const id = await say({ vote: { messageId, options } });
      return (await told('poll_vote', id)).options;
    };
    expect(await vote(['Soto'])).toEqual(['Soto']);
    const tally = (votes: [number, number]) => [
      { option: 'Soto', votes: votes[0] },
      { option: 'Rendang', votes: votes[1] },
    ];
    expect((await found(messageId)).votes).toMatchObject(tally([1, 0]));
    await restart();
    expect(await vote(['Rendang'])).toEqual(['Rendang']);
    expect((await found(messageId)).votes).toMatchObject(tally([0, 1]));
    expect(await vote([])).toEqual([]);
    expect((await found(messageId)).votes).toMatchObject(tally([0, 0]));
  });

  test('are votes in a poll of our own', async () => {
    const poll = { question: 'Where?', options: ['Here', 'There'], selectableCount: 1 };
    const { messageId } = await worker.registry.send(SESSION, { to: FRIEND_JID, type: 'poll', poll });
    await bench.sandbox.inbox(FRIEND, { waitMs: 60_000, id: messageId });
    const id = await say({ vote: { messageId, options: ['There'], from: PHONE } });
    expect(await told('poll_vote', id)).toMatchObject({ messageId, options: ['There'] });
    expect((await found(messageId)).votes).toMatchObject([{ votes: 0 }, { option: 'There', votes: 1 }]);
  });

  test('are answers to an event', async () => {
    const messageId = await say({ event: { name: 'Party', startsAt: 1_800_000_000 } });
    await told('message_received', messageId);
    const id = await say({ eventAnswer: { messageId, response: 'going', guests: 2 } });
    expect(await told('event_response', id)).toMatchObject({ messageId, response: 'going', guests: 2 });
    expect((await found(messageId)).answers).toMatchObject([{ response: 'going', guests: 2 }]);
  });

  test('are reactions and comments of announcement groups', async () => {
    const messageId = await say({ text: 'announced' });
    await told('message_received', messageId);
    const reaction = await say({ reaction: { emoji: '🎉', messageId, from: FRIEND }, sealed: 'lid' });
    expect(await told('message_reaction', reaction)).toMatchObject({ messageId, emoji: '🎉' });
    const comment = await say({ comment: { messageId, text: 'well said', from: FRIEND } });
    expect(await told('message_received', comment)).toMatchObject({
      commentOn: messageId,
      content: 'well said',
    });
  });
});

describe('a message that cannot be read here', () => {
  test('because it may be viewed once, and on phones only, is told of', async () => {
    const id = await say({ text: 'once', withheld: 'view_once' });
    expect(await told('message_undecryptable', id)).toMatchObject({ messageId: id, reason: 'view_once' });
  });

  test('until the own phone hands it on is told of as waiting, and then comes under the same id', async () => {
    const id = await say({ text: 'later', withheld: 'absent' });
    expect(await told('message_undecryptable', id)).toMatchObject({ messageId: id, reason: 'waiting' });
    expect(await told('message_received', id)).toMatchObject({ content: 'later', from: jidOf(FRIEND) });
  });

  test('since it is no message at all is told of as waiting', async () => {
    const id = await say({ raw: { base64: Buffer.from([0x0a, 0xff, 0xff]).toString('base64') } });
    expect(await told('message_undecryptable', id)).toMatchObject({ messageId: id, reason: 'waiting' });
  });
});
