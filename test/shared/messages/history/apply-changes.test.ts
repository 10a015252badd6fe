import { describe, expect, it } from 'vitest';
import { applyChanges } from '../../../../shared/messages/history/apply-changes.ts';
import type { HistoryMessage } from '../../../../shared/messages/history/history-record.ts';
import { changeRecord, message } from './history-fixture.ts';

const GROUP = '1@g.us';
const [OWN, FRIEND, OTHER] = ['62800@s.whatsapp.net', '62811@s.whatsapp.net', '62822@s.whatsapp.net'];
const theirs = message(1);
const ours = message(2, { content: 'ours' });
const inGroup = (change: Partial<HistoryMessage> = {}) =>
  message(1, { chatId: GROUP, from: FRIEND, to: GROUP, ...change });

describe('an edit', () => {
  it('an edit shows the last content, and since when', () => {
    const edits = [changeRecord(2, { content: 'second' }), changeRecord(2, { content: 'third' })];
    expect(applyChanges(ours, edits)).toEqual({ ...ours, content: 'third', editedAt: edits[1]?.at });
  });

  it('an edit of somebody else’s message is not heeded, as phones do not', () => {
    expect(applyChanges(ours, [changeRecord(2, { direction: 'inbound', from: FRIEND, to: OWN })])).toEqual(
      ours,
    );
    const said = { chatId: GROUP, to: GROUP, direction: 'inbound' as const };
    expect(applyChanges(inGroup(), [changeRecord(1, { ...said, from: OTHER })])).toEqual(inGroup());
    expect(applyChanges(inGroup(), [changeRecord(1, { ...said, from: FRIEND })])).toHaveProperty('editedAt');
  });
});

describe('a revocation', () => {
  const media = { mediaId: 'images/a', mimetype: 'image/png' };

  it('a revocation leaves nothing of the content, whatever was said before or after it', () => {
    const revoke = changeRecord(2, { change: 'revoked', content: null });
    const said = [changeRecord(2), revoke, changeRecord(2, { change: 'reaction', content: '👍' })];
    const shown = applyChanges({ ...ours, media, quotedMessageId: 'M-1' }, said);
    expect(shown).toEqual({ ...ours, content: null, revokedAt: revoke.at });
  });

  it('a revocation of somebody else’s message counts in groups, where admins may, and in no other chat', () => {
    const revoke = { change: 'revoked', content: null, direction: 'inbound' } as const;
    expect(applyChanges(ours, [changeRecord(2, { ...revoke, from: FRIEND, to: OWN })])).toEqual(ours);
    const byAdmin = changeRecord(1, { ...revoke, chatId: GROUP, from: OTHER, to: GROUP });
    expect(applyChanges(inGroup(), [byAdmin])).toMatchObject({ content: null, revokedAt: byAdmin.at });
  });
});

describe('a reaction', () => {
  const react = (from: string, content: string | null) =>
    changeRecord(1, { change: 'reaction', content, from, direction: from === OWN ? 'outbound' : 'inbound' });

  it('a reaction is shown by person, the last of each, until it is taken back', () => {
    const said = [react(OWN, '👍'), react(FRIEND, '🎉'), react(OWN, '❤️')];
    const shown = applyChanges(theirs, said).reactions?.map(({ from, emoji }) => [from, emoji]);
    expect(shown).toEqual([
      [FRIEND, '🎉'],
      [OWN, '❤️'],
    ]);
    expect(applyChanges(theirs, [...said, react(OWN, null), react(FRIEND, null)])).toEqual(theirs);
  });
});

describe('what is said', () => {
  it('what is said in another chat, where a message may have the same id, is not meant', () => {
    for (const chatId of ['98@lid', GROUP]) {
      const said = changeRecord(1, { direction: 'inbound', chatId, from: OTHER, to: OWN });
      expect(applyChanges(theirs, [said])).toEqual(theirs);
    }
    // The same person, in a group and in their own chat.
    const said = changeRecord(1, { direction: 'inbound', from: FRIEND, to: OWN });
    expect(applyChanges(inGroup(), [said])).toEqual(inGroup());
  });

  it('what is said is found where a chat was named by number at first, and by LID later', () => {
    const early = message(2, { chatId: FRIEND, to: FRIEND });
    const said = changeRecord(2, {
      change: 'reaction',
      content: '👍',
      direction: 'inbound',
      from: FRIEND,
      to: OWN,
    });
    expect(applyChanges(early, [said]).reactions).toHaveLength(1);
  });
});
