import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PACES, takeTurn } from '../../../../shared/messages/outbox/pacing.ts';

const MINUTE_MS = 60_000;

describe.each(Object.entries(PACES))('the pace of %s', (_, pace) => {
  it('lets a burst pass after a pause, and no more', () => {
    let nextAt = 0;
    let sent = 0;
    for (
      let turn = takeTurn(pace, nextAt, MINUTE_MS, 0.5);
      turn.allowed;
      turn = takeTurn(pace, nextAt, MINUTE_MS, 0.5)
    ) {
      nextAt = turn.nextAt;
      sent += 1;
    }
    expect(sent).toBe(pace.burst);
  });

  it('stays near its rate over an hour, whenever and how often one asks', () => {
    fc.assert(
      fc.property(fc.integer({ min: 50, max: 10_000 }), fc.integer(), (stepMs, seed) => {
        let state = seed >>> 0;
        const random = () => {
          state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
          return state / 2 ** 32;
        };
        let nextAt = 0;
        let sent = 0;
        for (let now = 0; now < 60 * MINUTE_MS; now += stepMs) {
          const turn = takeTurn(pace, nextAt, now, random());
          if (!turn.allowed) continue;
          nextAt = turn.nextAt;
          sent += 1;
        }
        expect(sent).toBeLessThanOrEqual(60 * pace.perMinute * 1.1 + pace.burst);
      }),
      { numRuns: 30 },
    );
  });

  it('says when to ask again, and then allows it', () => {
    const turn = takeTurn(pace, MINUTE_MS * 10, 0, 0.5);
    if (turn.allowed) throw new Error('it should wait');
    expect(takeTurn(pace, MINUTE_MS * 10, turn.at, 0.5).allowed).toBe(true);
  });
});
