import { describe, expect, it } from 'vitest';
import { judgeAnswers, judgeEvents, LEAST_SHARE } from '../../testing/harness/judge-answers.ts';

const DECLARED = 1_000;
const failures = (count: number) => Array.from({ length: count }, (_, index) => `route${index} 409 CONFLICT`);
const MOST_MISSING = Math.round(DECLARED * (1 - LEAST_SHARE));

const whole = (missing: string[]) => judgeAnswers({ declared: DECLARED, missing }, true);

describe('a whole run', () => {
  it('passes where all, or nearly all, of what is declared was seen, and names the rest', () => {
    expect(whole([])).toMatchObject({ failed: false });
    expect(whole([]).text).toContain('1000 of 1000');
    const { failed, text } = whole(failures(MOST_MISSING));
    expect(failed).toBe(false);
    expect(text).toContain('route0 409 CONFLICT');
  });

  it('fails where too few were seen, and says so', () => {
    const { failed, text } = whole(failures(MOST_MISSING + 1));
    expect(failed).toBe(true);
    expect(text).toMatch(/FAILED: fewer than 99 % were seen/);
  });

  it('fails where a single success was not seen', () => {
    for (const success of ['getUser 200', 'editMessage 202', 'getMedia 302']) {
      const { failed, text } = whole([success]);
      expect(failed).toBe(true);
      expect(text).toContain(success);
    }
  });
});

describe('a run of some tests', () => {
  it('passes whatever it has seen', () => {
    const missing = ['getUser 200', ...failures(900)];
    expect(judgeAnswers({ declared: DECLARED, missing }, false).failed).toBe(false);
  });

  it('says nothing where it has seen no answer', () => {
    expect(judgeAnswers({ declared: 1, missing: ['getUser 200'] }, false)).toEqual({
      text: '',
      failed: false,
    });
  });
});

describe('of the declared events', () => {
  it('a whole run sees every one, or fails and names the others; a part of the tests need not', () => {
    expect(judgeEvents({ declared: 2, missing: [] }, true).failed).toBe(false);
    const missing = ['frame call.received'];
    expect(judgeEvents({ declared: 2, missing }, true)).toMatchObject({
      failed: true,
      text: expect.stringContaining('frame call.received'),
    });
    expect(judgeEvents({ declared: 2, missing }, false).failed).toBe(false);
  });
});
