import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type Bench,
  type BenchWorker,
  FRIEND,
  jidOf,
  link,
  PHONE,
  SESSION,
  startBench,
} from '../../../testing/worker/start-bench.ts';
import type { Conversations } from '../../../worker/sessions/conversations.ts';

const OTHER = '6281111111111';
const NOBODY = '6280000000000';
const STRANGER = '6283333333333';
const waitMs = 60_000;

describe.each(['lid', 'pn'] as const)('with %s addressing', (addressing) => {
  let bench: Bench;
  let worker: BenchWorker;
  let chats: Pick<Conversations, keyof Conversations>;

  beforeAll(async () => {
    bench = await startBench({ addressing });
    await bench.sandbox.addContact({ number: OTHER, name: 'Other' });
    await bench.sandbox.addContact({ number: STRANGER, name: 'Stranger' });
    await bench.sandbox.addContact({ number: NOBODY, exists: false });
    worker = bench.startWorker();
    await link(bench, worker);
    chats = await worker.registry.conversations(SESSION);
  });
  afterAll(() => bench.close());

  const send = (body: Parameters<BenchWorker['registry']['send']>[1]) => worker.registry.send(SESSION, body);
  const text = (message: string, to = jidOf(FRIEND)) => send({ to, type: 'text', message });
  async function seen(id: string, by = FRIEND) {
    const { messages } = await bench.sandbox.inbox(by, { id, waitMs });
    return messages[0];
  }
  async function received(message: { to: string; text: string }, from = FRIEND) {
    const { ids } = await bench.sandbox.send(from, message);
    const { data } = await worker.sink.event('message_received', ({ id }) => id === ids[0]);
    return { id: ids[0] ?? '', from: String(data?.['from']) };
  }

  describe('what is said', () => {
    test.each([
      [
        'location',
        { location: { latitude: -6.1754, longitude: 106.8272, name: 'Monas' } },
        { name: 'Monas' },
      ],
      [
        'contact',
        { contact: { name: 'Grace; Hopper', phoneNumber: '6281234567890' } },
        { displayName: 'Grace; Hopper', vcard: expect.stringContaining('waid=6281234567890:+6281234567890') },
      ],
      [
        'poll',
        { poll: { question: 'Lunch?', options: ['Soto', 'Rendang'], selectableCount: 1 } },
        { options: ['Soto', 'Rendang'] },
      ],
    ] as const)('a %s is decrypted by its recipient', async (type, content, details) => {
      const copy = structuredClone(content) as object;
      const { messageId, status } = await send({ to: jidOf(FRIEND), type, ...copy } as Parameters<
        typeof send
      >[0]);
      expect(status).toBe('sent');
      expect(await seen(messageId)).toMatchObject({ type, details });
    });

    test('a text mentions people', async () => {
      const message = `Ask @${OTHER}`;
      const { messageId } = await send({
        to: jidOf(FRIEND),
        type: 'text',
        message,
        mentions: [jidOf(OTHER)],
      });
      expect(await seen(messageId)).toMatchObject({ text: message, details: { mentions: [jidOf(OTHER)] } });
    });

    test('a reaction names the message, of theirs and of ours, and is taken back by an empty one', async () => {
      const { id: messageId } = await received({ to: PHONE, text: 'Nice?' });
      const react = (reaction: { messageId: string; emoji: string }) =>
        send({ to: jidOf(FRIEND), type: 'reaction', reaction });
      const first = await react({ messageId, emoji: '👍' });
      expect(await seen(first.messageId)).toMatchObject({
        type: 'reaction',
        details: { emoji: '👍', messageId, fromMe: false },
      });
      const second = await react({ messageId, emoji: '' });
      expect(await seen(second.messageId)).toMatchObject({ details: { emoji: '', messageId } });
      const ours = await text('Mine');
      const third = await react({ messageId: ours.messageId, emoji: '❤️' });
      expect(await seen(third.messageId)).toMatchObject({
        details: { messageId: ours.messageId, fromMe: true },
      });
    });

    test('an edit reaches the phone as one, within 15 minutes and of own texts only', async () => {
      const { messageId: targetId } = await text('Teh text');
      const edit = (id: string) =>
        send({ to: jidOf(FRIEND), type: 'edit', targetId: id, message: 'The text' });
      const { messageId } = await edit(targetId);
      expect(await seen(messageId)).toMatchObject({
        type: 'edit',
        text: 'The text',
        details: { messageId: targetId, edit: '1' },
      });
      const { id: theirs } = await received({ to: PHONE, text: 'Theirs' });
      await expect(edit(theirs)).rejects.toMatchObject({ code: 'CONFLICT' });
      const poll = { question: 'Edit me?', options: ['a', 'b'], selectableCount: 1 };
      const other = await send({ to: jidOf(FRIEND), type: 'poll', poll });
      await expect(edit(other.messageId)).rejects.toMatchObject({ code: 'CONFLICT' });
      const now = Date.now();
      const clock = vi.spyOn(Date, 'now').mockImplementation(() => now + 15 * 60_000 + 1_000);
      await expect(edit(targetId)).rejects.toMatchObject({ code: 'CONFLICT', message: /15 minutes/ });
      clock.mockRestore();
    });

    test('a message of our own is revoked for everyone, one of theirs is not', async () => {
      const { messageId: targetId } = await text('Oops');
      const { messageId } = await send({ to: jidOf(FRIEND), type: 'revoke', targetId });
      expect(await seen(messageId)).toMatchObject({
        type: 'revoke',
        details: { messageId: targetId, edit: '7' },
      });
      const { id: theirs } = await received({ to: PHONE, text: 'Not yours' });
      await expect(send({ to: jidOf(FRIEND), type: 'revoke', targetId: theirs })).rejects.toMatchObject({
        code: 'CONFLICT',
      });
    });

    test('what WhatsApp refuses of these is a failure with its code', async () => {
      const { messageId: targetId } = await text('Keep');
      await bench.sandbox.addFault({ kind: 'nack', account: PHONE, code: 463, count: 1 });
      await expect(send({ to: jidOf(FRIEND), type: 'revoke', targetId })).rejects.toMatchObject({
        code: 'MESSAGE_REJECTED',
      });
    });
  });

  describe('people', () => {
    test('who has written is known by name and number, page by page', async () => {
      await received({ to: PHONE, text: 'It is me' });
      await received({ to: PHONE, text: 'And me' }, OTHER);
      const known = () => chats.contacts({ limit: 100 }).contacts.map(({ phoneNumber }) => phoneNumber);
      await expect.poll(known).toEqual(expect.arrayContaining([`+${FRIEND}`, `+${OTHER}`]));
      const { contacts } = chats.contacts({ limit: 100 });
      const accounts = await bench.sandbox.listAccounts();
      expect(contacts.find(({ contactId }) => contactId === jidOf(FRIEND))).toMatchObject({
        pushName: 'Friend',
        lid: accounts.find(({ number }) => number === FRIEND)?.lid,
      });
      const first = chats.contacts({ limit: 1 });
      expect(first.pagination.hasMore).toBe(true);
      const next = chats.contacts({ limit: 1, cursor: first.pagination.cursor ?? '' });
      expect(next.contacts[0]?.contactId).toBe(contacts[1]?.contactId);
    });

    test('numbers are checked in the order they were asked for', async () => {
      expect(await chats.check([NOBODY, FRIEND])).toMatchObject([
        { phoneNumber: `+${NOBODY}`, exists: false, contactId: null },
        { phoneNumber: `+${FRIEND}`, exists: true, contactId: jidOf(FRIEND) },
      ]);
    });

    test('they see us typing, recording, pausing', async () => {
      const shown = ['typing', 'recording', 'paused'] as const;
      const { lastSeq: after } = await bench.sandbox.presences(FRIEND);
      for (const presence of shown) await chats.presence({ presence, to: jidOf(FRIEND) });
      const { presences } = await bench.sandbox.presences(FRIEND, { after, count: shown.length, waitMs });
      expect(presences.map(({ presence }) => presence)).toEqual(shown);
    });

    test('they see whether we are there, once our own name is known from the phone', async () => {
      const online = () => chats.presence({ presence: 'available' });
      await expect(online()).rejects.toMatchObject({ code: 'SESSION_NOT_CONNECTED' });
      const { ids } = await bench.sandbox.send(PHONE, { to: FRIEND, text: 'From the phone itself' });
      await worker.sink.event('message_sent', ({ id }) => id === ids[0]);
      const { lastSeq: after } = await bench.sandbox.presences(FRIEND);
      await expect
        .poll(() =>
          online().then(
            () => true,
            () => false,
          ),
        )
        .toBe(true);
      await chats.presence({ presence: 'unavailable' });
      const { presences } = await bench.sandbox.presences(FRIEND, { after, count: 2, waitMs });
      const shown = { from: PHONE, chat: null };
      expect(presences).toMatchObject([
        { ...shown, presence: 'available' },
        { ...shown, presence: 'unavailable' },
      ]);
    });

    test('they see that we have read, also in a group', async () => {
      const { id } = await received({ to: PHONE, text: 'Read me' });
      await chats.read({ to: jidOf(FRIEND), messageId: id });
      const read = { id, device: 1, kind: 'read', waitMs } as const;
      expect((await bench.sandbox.receipts(FRIEND, read)).receipts).toHaveLength(1);
      const group = await chats.createGroup({ subject: 'Readers', participants: [jidOf(FRIEND)] });
      const said = await received({ to: group.groupId, text: 'Read me, too' });
      await chats.read({ to: group.groupId, messageId: said.id, from: said.from });
      const { receipts } = await bench.sandbox.receipts(FRIEND, { ...read, id: said.id });
      expect(receipts).toMatchObject([{ group: group.groupId }]);
    });

    test('a call that rings is told of once', async () => {
      const { callId } = await bench.sandbox.call(FRIEND, { to: PHONE, video: true });
      const { data } = await worker.sink.event('call_received', (each) => each['callId'] === callId);
      expect(data).toMatchObject({ phoneNumber: `+${FRIEND}`, from: jidOf(FRIEND), isVideo: true });
    });
  });

  describe('groups', () => {
    let groupId: string;
    const changed = (action: string) =>
      worker.sink.event('group_updated', (data) => data['groupId'] === groupId && data['action'] === action);

    beforeEach(async () => {
      const founded = await chats.createGroup({
        subject: 'Team',
        participants: [jidOf(FRIEND)],
        description: 'What we do',
      });
      expect(founded).toMatchObject({ subject: 'Team', description: 'What we do', role: 'owner', size: 2 });
      groupId = founded.groupId;
    });

    test('are found again, one by one and all at once, by page', async () => {
      const { participants } = await chats.group(groupId);
      expect(participants).toContainEqual(
        expect.objectContaining({ participantId: jidOf(FRIEND), phoneNumber: `+${FRIEND}`, role: 'member' }),
      );
      const { groups } = await chats.groups({ limit: 100 });
      const sandboxGroups = await bench.sandbox.listGroups();
      expect(groups.map((group) => group.groupId)).toEqual(sandboxGroups.map(({ id }) => id).sort());
      const first = await chats.groups({ limit: 1 });
      expect(first).toMatchObject({ groups: [groups[0]], pagination: { hasMore: true } });
      const next = await chats.groups({ limit: 1, cursor: first.pagination.cursor ?? '' });
      expect(next.groups).toEqual([groups[1]]);
    });

    test('carry messages to a member who was added, and none to one who was removed', async () => {
      const change = (action: 'add' | 'remove') =>
        chats.changeParticipants(groupId, { action, participants: [jidOf(OTHER)] });
      expect(await change('add')).toEqual([{ participantId: jidOf(OTHER), done: true }]);
      const welcome = await text('Welcome', groupId);
      expect(await seen(welcome.messageId, OTHER)).toMatchObject({ text: 'Welcome', chat: groupId });
      expect(await change('remove')).toEqual([{ participantId: jidOf(OTHER), done: true }]);
      const after = await text('Without you', groupId);
      expect(await seen(after.messageId)).toMatchObject({ text: 'Without you' });
      const { messages } = await bench.sandbox.inbox(OTHER, { chat: groupId });
      expect(messages.map((message) => message.text)).toEqual(['Welcome']);
    });

    test('say of each person what became of it', async () => {
      const participants = [jidOf(FRIEND), jidOf(NOBODY), jidOf(STRANGER)];
      const results = await chats.changeParticipants(groupId, { action: 'add', participants });
      expect(results).toEqual([
        { participantId: jidOf(FRIEND), done: false, code: '409', error: expect.stringMatching(/already/) },
        { participantId: jidOf(NOBODY), done: false, code: '404', error: expect.any(String) },
        { participantId: jidOf(STRANGER), done: true },
      ]);
    });

    test('are changed, and tell of changes by others', async () => {
      const change = { subject: 'Crew', description: '', announce: true, locked: true };
      expect(await chats.updateGroup(groupId, change)).toMatchObject({ ...change, description: null });
      await chats.changeParticipants(groupId, { action: 'promote', participants: [jidOf(FRIEND)] });
      const { participants } = await chats.group(groupId);
      expect(participants.find(({ participantId }) => participantId === jidOf(FRIEND))?.role).toBe('admin');
      expect((await changed('subject')).data).toMatchObject({
        subject: 'Crew',
        by: { phoneNumber: `+${PHONE}` },
      });
      expect((await changed('announce')).data).toMatchObject({ announce: true });
      expect((await changed('promote')).data).toMatchObject({
        participants: [{ phoneNumber: `+${FRIEND}` }],
      });
    });

    test('let their admins revoke what others wrote, and nobody else', async () => {
      const said = await received({ to: groupId, text: 'Spam' });
      const revoke = (to: string, targetId: string, from: string) =>
        send({ to, type: 'revoke', targetId, from });
      const { messageId } = await revoke(groupId, said.id, said.from);
      expect(await seen(messageId)).toMatchObject({
        type: 'revoke',
        details: { messageId: said.id, edit: '8', author: expect.any(String) },
      });
      const theirs = await bench.sandbox.createGroup({
        subject: 'X',
        creator: FRIEND,
        participants: [PHONE],
      });
      const there = await received({ to: theirs.id, text: 'Mine' });
      await expect(revoke(theirs.id, there.id, there.from)).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await expect(chats.updateGroup(theirs.id, { subject: 'Ours' })).rejects.toMatchObject({
        code: 'FORBIDDEN',
      });
    });

    test('mention people as the group addresses them, in the text, a caption and an edit alike', async () => {
      const accounts = await bench.sandbox.listAccounts();
      const friend = accounts.find(({ number }) => number === FRIEND);
      const name = (addressing === 'lid' ? friend?.lid : friend?.jid) ?? '';
      const shown = `@${name.split('@')[0]}`;
      const mentions = [jidOf(FRIEND)];
      const said = await send({ to: groupId, type: 'text', message: `Ask @${FRIEND}`, mentions });
      expect(await seen(said.messageId)).toMatchObject({
        text: `Ask ${shown}`,
        details: { mentions: [name] },
      });
      const media = { url: 'data:application/pdf;base64,JVBERg==' };
      const caption = `For @+${FRIEND}`;
      const file = await send({ to: groupId, type: 'document', media, caption, mentions });
      expect(await seen(file.messageId)).toMatchObject({ caption: `For ${shown}` });
      const message = `Do ask @${FRIEND}`;
      const edit = await send({ to: groupId, type: 'edit', targetId: said.messageId, message, mentions });
      expect(await seen(edit.messageId)).toMatchObject({ text: `Do ask ${shown}` });
    });

    test('take reactions to a member’s message, which name its author as the group does', async () => {
      const said = await received({ to: groupId, text: 'Look' });
      const reaction = { messageId: said.id, emoji: '🎉', from: said.from };
      const { messageId } = await send({ to: groupId, type: 'reaction', reaction });
      const friend = (await bench.sandbox.listAccounts()).find(({ number }) => number === FRIEND);
      const author = addressing === 'lid' ? friend?.lid : friend?.jid;
      expect(await seen(messageId)).toMatchObject({ details: { messageId: said.id, author } });
      const unknown = { messageId: '3A00UNKNOWN00', emoji: '🎉' };
      await expect(send({ to: groupId, type: 'reaction', reaction: unknown })).rejects.toMatchObject({
        code: 'VALIDATION_ERROR',
      });
    });

    test('are left, and are not known then', async () => {
      await chats.leaveGroup(groupId);
      await expect(chats.group(groupId)).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await expect(text('Anybody?', groupId)).rejects.toMatchObject({ code: 'FORBIDDEN' });
      const unknown = '120363999999999999@g.us';
      await expect(text('Anybody?', unknown)).rejects.toMatchObject({ code: 'GROUP_NOT_FOUND' });
      await expect(chats.group('120363099999999999@g.us')).rejects.toMatchObject({ code: 'GROUP_NOT_FOUND' });
    });
  });

  test('nothing failed to decrypt on the way', async () => {
    const counters = await bench.sandbox.counters();
    for (const number of [PHONE, FRIEND, OTHER])
      expect(counters[number]).toMatchObject({ decryptionFailures: 0, nacks: 0, unknownRequests: 0 });
  });
});
