import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createTokenSource } from '../../../functions/lambda/token-source.ts';

const MINUTE = 60_000;

function fixture() {
  const state = { now: 0, values: ['one'], failing: false, reads: 0 };
  const source = createTokenSource({
    read: async () => {
      state.reads += 1;
      if (state.failing) throw new Error('Secrets Manager does not answer');
      return [...state.values];
    },
    now: () => state.now,
    log: pino({ level: 'silent' }),
  });
  return { state, source };
}

describe('a secret in a warm function', () => {
  it('a secret in a warm function is read once for all who ask at the same time, and for all who ask soon', async () => {
    const { state, source } = fixture();
    expect(await Promise.all([source(), source()])).toEqual([['one'], ['one']]);
    state.now = 4 * MINUTE;
    await source();
    expect(state.reads).toBe(1);
  });

  it('a secret in a warm function is what it was rotated to within five minutes', async () => {
    const { state, source } = fixture();
    await source();
    state.values = ['two', 'three', 'one'];
    state.now = 5 * MINUTE;
    expect(await source()).toEqual(['two', 'three', 'one']);
  });

  it('a secret in a warm function goes on while it cannot be read again, and is asked for half a minute later at most', async () => {
    const { state, source } = fixture();
    await source();
    Object.assign(state, { failing: true, now: 5 * MINUTE, values: ['two'] });
    expect(await source()).toEqual(['one']);
    expect(await source()).toEqual(['one']);
    expect(state.reads).toBe(2);
    Object.assign(state, { failing: false, now: 5.5 * MINUTE });
    expect(await source()).toEqual(['two']);
  });

  it('a secret in a warm function is asked for again by the next who needs it, where it could not be read at the start', async () => {
    const { state, source } = fixture();
    state.failing = true;
    await expect(source()).rejects.toThrow('does not answer');
    state.failing = false;
    expect(await source()).toEqual(['one']);
  });
});
