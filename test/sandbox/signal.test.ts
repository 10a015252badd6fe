import fc from 'fast-check';
import * as libsignal from 'libsignal/src/curve.js';
import { describe, expect, it } from 'vitest';
import { generateKeyPair, sign, verify, withTypeByte } from '../../sandbox/signal/curve.ts';
import {
  createKeyMaterial,
  decryptFrom,
  encryptFor,
  issueBundle,
  openSession,
} from '../../sandbox/signal/key-material.ts';
import {
  acceptSenderKey,
  decryptFromGroup,
  distributeSenderKey,
  encryptForGroup,
} from '../../sandbox/signal/sender-key.ts';

function pair() {
  const alice = createKeyMaterial();
  const bob = createKeyMaterial();
  openSession(alice, 'bob', issueBundle(bob));
  const toBob = (text: string) => encryptFor(alice, 'bob', Buffer.from(text));
  const toAlice = (text: string) => encryptFor(bob, 'alice', Buffer.from(text));
  const atBob = (message: ReturnType<typeof toBob>) => decryptFrom(bob, 'alice', message).toString();
  const atAlice = (message: ReturnType<typeof toBob>) => decryptFrom(alice, 'bob', message).toString();
  return { alice, bob, toBob, toAlice, atBob, atAlice };
}

describe("the virtual phones' sessions", () => {
  it('read every message once, in whatever order and direction they come', () => {
    const moves = fc.array(fc.record({ fromAlice: fc.boolean(), late: fc.boolean() }), { maxLength: 40 });
    fc.assert(
      fc.property(moves, (steps) => {
        const { toBob, toAlice, atBob, atAlice } = pair();
        expect(atBob(toBob('hello'))).toBe('hello');
        const delayed: (() => void)[] = [];
        for (const [at, step] of steps.entries()) {
          const text = `message ${at}`;
          const message = step.fromAlice ? toBob(text) : toAlice(text);
          const read = () => expect((step.fromAlice ? atBob : atAlice)(message)).toBe(text);
          if (step.late) delayed.push(read);
          else read();
        }
        for (const read of delayed.reverse()) read();
      }),
      { numRuns: 25 },
    );
  });

  it('refuse a message the second time, and are none the worse for it', () => {
    const { toBob, toAlice, atBob, atAlice } = pair();
    expect(atBob(toBob('one'))).toBe('one');
    expect(atAlice(toAlice('two'))).toBe('two');
    const three = toBob('three');
    expect(atBob(three)).toBe('three');
    expect(() => atBob(three)).toThrow('Key used already');
    expect(atBob(toBob('four'))).toBe('four');
  });

  it('are left as they were by a message that somebody has touched', () => {
    const { bob, toBob, toAlice, atBob, atAlice } = pair();
    atBob(toBob('one'));
    atAlice(toAlice('answered, so that the next message is wholly under its MAC'));
    const before = structuredClone(bob.sessions);
    const forged = toBob('two');
    forged.body[forged.body.length - 1] = (forged.body.at(-1) ?? 0) ^ 1;
    expect(() => atBob(forged)).toThrow();
    expect(structuredClone(bob.sessions)).toEqual(before);
    expect(atBob(toBob('three'))).toBe('three');
  });

  it('use each one-time key once', () => {
    const { alice, bob, toBob, atBob } = pair();
    expect(bob.preKeys.size).toBe(1);
    const first = toBob('first');
    atBob(first);
    expect(bob.preKeys.size).toBe(0);
    bob.sessions.clear();
    expect(() => decryptFrom(bob, 'alice', first)).toThrow('Invalid PreKey ID');
    expect(alice.sessions.size).toBe(1);
  });

  it('read late messages of a session that was replaced', () => {
    const { alice, bob, toBob, toAlice, atBob, atAlice } = pair();
    atBob(toBob('one'));
    atAlice(toAlice('two'));
    const late = toBob('late');
    openSession(alice, 'bob', issueBundle(bob));
    expect(atBob(toBob('in the new session'))).toBe('in the new session');
    expect(atBob(late)).toBe('late');
  });

  it('do not begin with a bundle whose signature does not hold', () => {
    const alice = createKeyMaterial();
    const bundle = issueBundle(createKeyMaterial());
    const forged = { ...bundle, identity: createKeyMaterial().identity.public };
    expect(() => openSession(alice, 'bob', forged)).toThrow('not signed by its identity');
  });

  it('read group messages in any order, each once', () => {
    const alice = createKeyMaterial();
    const bob = createKeyMaterial();
    acceptSenderKey(bob, 'g|alice', distributeSenderKey(alice, 'g|alice'));
    const messages = ['a', 'b', 'c'].map((text) => encryptForGroup(alice, 'g|alice', Buffer.from(text)));
    const read = (at: number) => decryptFromGroup(bob, 'g|alice', messages[at] ?? Buffer.alloc(0)).toString();
    expect([read(2), read(0), read(1)]).toEqual(['c', 'a', 'b']);
    expect(() => read(1)).toThrow('Key used already');
  });
});

describe('signatures', () => {
  it('signatures hold exactly where libsignal says so', () => {
    for (let round = 0; round < 10; round++) {
      const { public: key, private: secret } = generateKeyPair();
      const data = Buffer.from(`message ${round}`);
      const signature = sign(secret, data);
      const touched = Buffer.from(signature);
      touched[round * 6] = (touched[round * 6] ?? 0) ^ 4;
      for (const [said, proof] of [
        [data, signature],
        [Buffer.from('other'), signature],
        [data, touched],
      ] as const)
        expect(verify(key, said, proof)).toBe(libsignal.verifySignature(withTypeByte(key), said, proof));
      expect(verify(key, data, signature)).toBe(true);
      expect(verify(key, data, touched)).toBe(false);
    }
  });
});
