import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SESSION_STATUSES } from '../../../shared/sessions/schema.ts';
import { mayFollow } from '../../../shared/sessions/status-machine.ts';
import type { Assignment } from '../../../shared/workers/schema.ts';
import { planStep } from '../../../worker/sessions/registry/converge-plan.ts';
import { see, standingOf } from '../../../worker/sessions/registry/ownership.ts';
import {
  advance,
  INITIAL_STATE,
  type SessionFact,
  type SessionState,
} from '../../../worker/sessions/session-state.ts';

const qr = { code: 'data:', text: 'qr', expiresAt: new Date(0) };
const FACTS: SessionFact[] = [
  { fact: 'opening' },
  { fact: 'qr-shown', qr },
  { fact: 'paired' },
  { fact: 'opened', phoneNumber: '+62' },
  { fact: 'interrupted' },
  { fact: 'closed' },
  { fact: 'logged-out' },
  { fact: 'failed', error: 'e', errorCode: 'E' },
];

describe('the state of a session', () => {
  test('a life: connecting, QR, pairing, connected, interrupted, connected, logged out', () => {
    const facts: SessionFact['fact'][] = [
      'opening',
      'qr-shown',
      'paired',
      'opened',
      'interrupted',
      'opening',
      'opened',
      'logged-out',
    ];
    const states: string[] = [];
    facts.reduce<SessionState>((state, name) => {
      const fact = FACTS.find((candidate) => candidate.fact === name);
      const next = fact === undefined ? state : advance(state, fact);
      states.push(next.status);
      return next;
    }, INITIAL_STATE);
    expect(states).toEqual([
      'connecting',
      'qr_required',
      'connecting',
      'connected',
      'reconnecting',
      'reconnecting',
      'connected',
      'logged_out',
    ]);
  });

  test('a QR is only there while it is asked for, the number not after a logout', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...FACTS)), (facts) => {
        const state = facts.reduce(advance, INITIAL_STATE);
        const qrRight = (state.qr !== undefined) === (state.status === 'qr_required');
        return qrRight && (state.status !== 'logged_out' || state.phoneNumber === null);
      }),
    );
  });

  test('every step of a session’s usual life is one that the control plane’s machine lets pass', () => {
    const upper = (status: string) =>
      SESSION_STATUSES.find((word) => word.toLowerCase() === status) ?? 'ERROR';
    for (const first of FACTS)
      for (const second of FACTS) {
        const before = advance(INITIAL_STATE, first);
        const after = advance(before, second);
        // Every attempt begins with 'opening'; only an account that is not linked is shown a QR.
        const usual = second.fact === 'opening' || !['logged_out', 'connected'].includes(before.status);
        const leaving = before.status === 'connected' && second.fact !== 'qr-shown';
        if (before.status === after.status || !(usual || leaving)) continue;
        expect([before.status, after.status, mayFollow(upper(before.status), upper(after.status))]).toEqual([
          before.status,
          after.status,
          true,
        ]);
      }
  });
});

describe('ownership', () => {
  test('what a command leaves out is taken as current', () => {
    const seen = { epoch: 3, rev: 7 };
    expect(standingOf({}, seen)).toBe('same');
    expect(standingOf({ epoch: 3 }, seen)).toBe('same');
    expect(see({ epoch: 4 }, seen)).toEqual({ epoch: 4, rev: 0 });
  });

  test('the epoch decides, then the revision', () => {
    const seen = { epoch: 3, rev: 7 };
    expect(standingOf({ epoch: 2, rev: 9 }, seen)).toBe('older');
    expect(standingOf({ epoch: 3, rev: 6 }, seen)).toBe('older');
    expect(standingOf({ epoch: 3, rev: 8 }, seen)).toBe('newer-rev');
    expect(standingOf({ epoch: 4, rev: 0 }, seen)).toBe('newer-epoch');
  });

  test('after taking any commands, none of them is newer than what was seen', () => {
    const ownership = fc.record({ epoch: fc.nat(5), rev: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(ownership), (commands) => {
        let seen = { epoch: 0, rev: 0 };
        for (const command of commands) if (standingOf(command, seen) !== 'older') seen = see(command, seen);
        return commands.every((command) => ['older', 'same'].includes(standingOf(command, seen)));
      }),
    );
  });
});

describe('what an assignment asks for', () => {
  const wish = (desired: Assignment['desired'], rev = 1): Assignment => ({
    sessionId: 's',
    userId: 'u',
    epoch: 1,
    rev,
    desired,
  });
  const held = { seen: { epoch: 1, rev: 1 }, wanted: 'connected' } as const;

  test('nothing where it is true already, or older', () => {
    expect(planStep(wish('connected'), held, undefined)).toBe('ignore');
    expect(planStep(wish('deleted', 0), held, undefined)).toBe('ignore');
  });

  test('of a held session, whatever it says', () => {
    const desired = ['connected', 'disconnected', 'released', 'logged_out', 'deleted'] as const;
    expect(desired.map((word) => planStep(wish(word, 2), held, undefined))).toEqual([
      'connect',
      'disconnect',
      'release',
      'logout',
      'remove',
    ]);
  });

  test('of one that is not held, only what has to happen all the same', () => {
    const desired = ['connected', 'disconnected', 'released', 'logged_out', 'deleted'] as const;
    expect(desired.map((word) => planStep(wish(word), undefined, undefined))).toEqual([
      'connect',
      'heed',
      'decline',
      'logout',
      'remove',
    ]);
  });

  test('of one that has left at this very wish, that it is said again, until a newer one', () => {
    const gone = { epoch: 1, rev: 1 };
    expect(planStep(wish('connected'), undefined, gone)).toBe('decline');
    expect(planStep(wish('released'), undefined, gone)).toBe('decline');
    expect(planStep(wish('deleted'), undefined, gone)).toBe('ignore');
    expect(planStep(wish('connected', 2), undefined, gone)).toBe('connect');
  });
});
