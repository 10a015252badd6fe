import { describe, expect, it } from 'vitest';
import { judge } from '../../localstack/run-suite.ts';
import { tellResult } from '../../localstack/stopwatch.ts';

const ran = (passed: string[], failed: string[]) => [
  ...passed.map((test) => ({ test, passed: true })),
  ...failed.map((test) => ({ test, passed: false })),
];

describe('the suite through an emulator', () => {
  it('the suite through an emulator is in order where nothing fails but what is listed', () => {
    const result = judge(ran(['a', 'b'], ['c']), { c: 'has no scaling' });
    expect(result.ok).toBe(true);
    expect(tellResult(result)).toEqual([
      '  passes   a',
      '  passes   b',
      '  cannot   c: has no scaling',
      '2 of 3 pass; 1 cannot; 0 fail',
    ]);
  });

  it.each([
    ['a test fails that nobody listed', ran(['a'], ['b']), {}, '  FAILS    b'],
    [
      'a listed test passes',
      ran(['a', 'b'], []),
      { b: 'why' },
      'passes, so it must leave localstack/lacks.ts: b',
    ],
    ['a listed test exists no more', ran(['a'], []), { b: 'why' }, 'exists no more: b'],
    ['nothing passes', [], {}, '0 of 0 pass; 0 cannot; 0 fail'],
  ])('the suite through an emulator is not in order where %s, and says so', (_, outcomes, cannot, line) => {
    const result = judge(outcomes, cannot);
    expect(result.ok).toBe(false);
    expect(tellResult(result).join('\n')).toContain(line);
  });
});
