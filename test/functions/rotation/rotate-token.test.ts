import { beforeEach, describe, expect, it } from 'vitest';
import { rotateToken, type SecretVersions } from '../../../functions/rotation/rotate-token.ts';

const FIRST = 'first-token-of-at-least-32-characters';
const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

interface Version {
  value: string | undefined;
  labels: Set<string>;
}

/** As Secrets Manager keeps them; a call can be made to fail, once, before or after it took effect. */
function fakeSecret(current: object) {
  const versions = new Map<string, Version>([
    ['v0', { value: JSON.stringify(current), labels: new Set(['AWSCURRENT']) }],
  ]);
  let failing: { call: keyof SecretVersions; when: 'before' | 'after' } | undefined;
  const under = (label: string) => [...versions.values()].find(({ labels }) => labels.has(label));
  const move = (label: string, to: string) => {
    for (const { labels } of versions.values()) labels.delete(label);
    versions.get(to)?.labels.add(label);
  };
  async function run<T>(call: keyof SecretVersions, work: () => T): Promise<T> {
    const { when } = failing?.call === call ? failing : {};
    if (when !== undefined) failing = undefined;
    if (when === 'before') throw new Error('cut off before');
    const done = work();
    if (when === 'after') throw new Error('cut off after');
    return done;
  }
  const api: SecretVersions = {
    labels: () =>
      run('labels', () => Object.fromEntries([...versions].map(([id, { labels }]) => [id, [...labels]]))),
    read: (_, label) =>
      run('read', () => {
        const value = under(label)?.value;
        if (value === undefined) throw new Error('ResourceNotFoundException');
        return value;
      }),
    write: (_, id, value) =>
      run('write', () => {
        const known = versions.get(id);
        // A version's value is written once.
        if (known?.value !== undefined && known.value !== value) throw new Error('ResourceExistsException');
        versions.set(id, { value, labels: known?.labels ?? new Set() });
        move('AWSPENDING', id);
      }),
    makeCurrent: (_, id, instead) =>
      run('makeCurrent', () => {
        if (instead !== undefined && versions.get(instead)?.labels.has('AWSCURRENT') !== true)
          throw new Error('InvalidParameterException');
        move('AWSCURRENT', id);
      }),
  };
  return {
    api,
    /** Secrets Manager makes the version before it calls, without a value. */
    begin: (id: string) => {
      versions.set(id, { value: undefined, labels: new Set() });
      move('AWSPENDING', id);
    },
    fail: (call: keyof SecretVersions, when: 'before' | 'after') => {
      failing = { call, when };
    },
    current: () => JSON.parse(under('AWSCURRENT')?.value ?? '{}') as Record<string, string>,
  };
}

let secret: ReturnType<typeof fakeSecret>;
let made: number;
beforeEach(() => {
  secret = fakeSecret({ current: FIRST, next: '', previous: '' });
  made = 0;
});
const newToken = () => {
  made += 1;
  return `made-${made}`.padEnd(40, '-');
};
const token = (n: number) => `made-${n}`.padEnd(40, '-');
const step = (Step: string, id = 'v1') =>
  rotateToken({ SecretId: 's', ClientRequestToken: id, Step }, secret.api, newToken);
async function rotate(id: string): Promise<void> {
  secret.begin(id);
  for (const each of STEPS) await step(each, id);
}

describe('the rotation of a token', () => {
  it('the rotation of a token first only announces what comes next', async () => {
    await rotate('v1');
    expect(secret.current()).toEqual({ next: token(1), current: FIRST, previous: '' });
  });

  it('the rotation of a token uses what was announced, and goes on accepting what was used', async () => {
    await rotate('v1');
    await rotate('v2');
    expect(secret.current()).toEqual({ next: token(2), current: token(1), previous: FIRST });
    await rotate('v3');
    expect(secret.current()).toEqual({ next: token(3), current: token(2), previous: token(1) });
  });

  it('the rotation of a token leaves whoever read before it with a token that is accepted, and accepting the one in use', async () => {
    await rotate('v1');
    for (const id of ['v2', 'v3', 'v4']) {
      const before = secret.current();
      await rotate(id);
      const after = secret.current();
      expect(Object.values(after)).toContain(before['current']);
      expect(Object.values(before)).toContain(after['current']);
    }
  });

  it('the rotation of a token comes to the same where every step is repeated', async () => {
    secret.begin('v1');
    for (const each of STEPS.flatMap((name) => [name, name])) await step(each);
    expect(secret.current()).toEqual({ next: token(1), current: FIRST, previous: '' });
    expect(made).toBe(1);
  });

  it.each<[string, keyof SecretVersions, 'before' | 'after']>([
    ['createSecret', 'labels', 'before'],
    ['createSecret', 'read', 'after'],
    ['createSecret', 'write', 'before'],
    ['createSecret', 'write', 'after'],
    ['testSecret', 'read', 'before'],
    ['finishSecret', 'labels', 'before'],
    ['finishSecret', 'makeCurrent', 'before'],
    ['finishSecret', 'makeCurrent', 'after'],
  ])(
    'the rotation of a token goes on where it was cut off in %s, at %s, %s its effect',
    async (where, call, when) => {
      await rotate('v1');
      const tokensBefore = secret.current();
      secret.begin('v2');
      for (const each of STEPS) {
        if (each === where) {
          secret.fail(call, when);
          // Where reading what is not there yet is cut off, the step carries on by itself.
          await step(each, 'v2').catch(() => undefined);
        }
        await step(each, 'v2');
      }
      const { next, current, previous } = secret.current();
      expect({ current, previous }).toEqual({ current: tokensBefore['next'], previous: FIRST });
      expect(next).toMatch(/^made-/);
      expect(next).not.toBe(current);
    },
  );

  it('the rotation of a token changes nothing that is used before its last step', async () => {
    secret.begin('v1');
    for (const each of STEPS.slice(0, -1)) await step(each);
    expect(secret.current()).toEqual({ current: FIRST, next: '', previous: '' });
  });

  it('the rotation of a token refuses a secret that is none of ours', async () => {
    secret = fakeSecret({ password: 'short' });
    secret.begin('v1');
    await expect(step('createSecret')).rejects.toThrow('no value under "current"');
    secret = fakeSecret({ current: 'short' });
    secret.begin('v1');
    await expect(step('createSecret')).rejects.toThrow('too short');
  });
});
