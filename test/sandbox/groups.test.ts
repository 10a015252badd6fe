import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/start-sandbox.ts';
import '../../testing/sandbox/quiet-libsignal.ts';
import type { Addressing } from '../../sandbox/verbs.ts';
import { BaileysClient } from '../../testing/sandbox/baileys-client.ts';

const owner = '628111000001';
const friend = '628222000002';
const other = '628333000003';
const waitMs = 60_000;
const pn = (number: string) => `${number}@s.whatsapp.net`;

describe.each<Addressing>(['lid', 'pn'])('groups with %s addressing', (addressing) => {
  let sandbox: Sandbox;
  let client: BaileysClient;
  let groupId: string;

  beforeAll(async () => {
    sandbox = await startSandbox({ seed: 'groups', linking: 'classic', addressing });
    await sandbox.addAccount({ number: owner });
    await sandbox.addContact({ number: friend, name: 'Friend' });
    await sandbox.addContact({ number: other });
    client = await new BaileysClient(sandbox).link(owner);
    const group = await client.socket.groupCreate('Team', [pn(friend)]);
    groupId = group.id;
  });
  afterAll(async () => {
    await client.close();
    await sandbox.close();
  });

  it('are founded by the client, with everybody in them', async () => {
    const metadata = await client.socket.groupMetadata(groupId);
    expect(metadata).toMatchObject({ subject: 'Team', size: 2, addressingMode: addressing });
    expect(await sandbox.listGroups()).toMatchObject([{ id: groupId, creator: owner }]);
    expect(Object.keys(await client.socket.groupFetchAllParticipating())).toEqual([groupId]);
  });

  it("carry the client's messages to the members, who read them", async () => {
    for (const text of ['first', 'second', 'third']) {
      const { key } = await client.send(groupId, { text });
      const { messages } = await sandbox.inbox(friend, { waitMs, id: key.id ?? '' });
      expect(messages).toMatchObject([{ text, chat: groupId, from: owner }]);
    }
  });

  it('show the client who read', async () => {
    const receipt = new Promise<{ attrs: Record<string, string> }>((resolve) =>
      client.socket.ws.on('CB:receipt,type:read', resolve),
    );
    await client.send(groupId, { text: 'who reads?' });
    expect((await receipt).attrs).toMatchObject({ from: groupId, participant: expect.any(String) });
  });

  it("carry the members' messages to the client", async () => {
    const { ids } = await sandbox.send(friend, { to: groupId, text: 'message {n}', count: 3 });
    const last = await client.message(ids[2] ?? '');
    expect(last.message?.conversation).toBe('message 3');
    expect(last.key).toMatchObject({ remoteJid: groupId });
    const { receipts } = await sandbox.receipts(friend, { waitMs, count: 3, from: owner, device: 1 });
    expect(receipts.map((one) => one.group)).toEqual([groupId, groupId, groupId]);
  });

  it('take in a new member, who reads from then on, and let one go, who reads no more', async () => {
    await client.socket.groupParticipantsUpdate(groupId, [pn(other)], 'add');
    const { key } = await client.send(groupId, { text: 'welcome' });
    expect((await sandbox.inbox(other, { waitMs, id: key.id ?? '' })).messages).toHaveLength(1);
    const said = await sandbox.send(other, { to: groupId, text: 'thanks' });
    expect((await client.message(said.ids[0] ?? '')).message?.conversation).toBe('thanks');
    await client.socket.groupParticipantsUpdate(groupId, [pn(other)], 'remove');
    const { key: after } = await client.send(groupId, { text: 'without you' });
    await sandbox.inbox(friend, { waitMs, id: after.id ?? '' });
    expect((await sandbox.inbox(other)).messages.map((one) => one.text)).toEqual(['welcome']);
    await expect(sandbox.send(other, { to: groupId, text: 'hello?' })).rejects.toThrow('not in the group');
  });

  it('take a new subject and description, and tell the invite code', async () => {
    await client.socket.groupUpdateSubject(groupId, 'New name');
    await client.socket.groupUpdateDescription(groupId, 'What we do');
    const metadata = await client.socket.groupMetadata(groupId);
    expect(metadata).toMatchObject({ subject: 'New name', desc: 'What we do' });
    const code = await client.socket.groupInviteCode(groupId);
    expect(code).toMatch(/^[\w-]{22}$/);
  });

  it('can be founded by a phone, and the client hears of it', async () => {
    const heard = client.next<{ id: string }[]>('groups', (groups) => groups[0]?.id !== groupId);
    const founded = await sandbox.createGroup({ subject: 'Party', creator: friend, participants: [owner] });
    expect((await heard)[0]?.id).toBe(founded.id);
    const { ids } = await sandbox.send(friend, { to: founded.id, text: 'come in' });
    expect((await client.message(ids[0] ?? '')).key.remoteJid).toBe(founded.id);
  });

  it('lose nothing: no message failed to decrypt on either side', async () => {
    const counters = await sandbox.counters();
    for (const number of [owner, friend, other])
      expect(counters[number]).toMatchObject({ decryptionFailures: 0, nacks: 0, unknownRequests: 0 });
  });
});
