import type { Coverage } from './answer-log.ts';

/**
 * Of the declared answers, how many a whole run has to have seen. All of them were when this was set: what is
 * left is room for a route that is being built.
 */
export const LEAST_SHARE = 0.99;

const isSuccess = (answer: string) => / [23]\d\d$/.test(answer);

export interface Verdict {
  /** For the end of the run. */
  text: string;
  /** Of a whole run: what is declared and was not seen is a promise that nobody keeps. */
  failed: boolean;
}

/**
 * What a run has seen of the answers that the control plane declares.
 * @param isWhole whether all tests ran; only then does it matter what is missing
 */
export function judgeAnswers({ declared, missing }: Coverage, isWhole: boolean): Verdict {
  const seen = declared - missing.length;
  const share = seen / declared;
  const line = `answers: ${seen} of ${declared} declared ones seen and valid (${(100 * share).toFixed(1)} %)`;
  if (!isWhole) return { text: seen === 0 ? '' : `${line}, in a part of the tests\n`, failed: false };
  const successes = missing.filter(isSuccess);
  const faults = [
    ...(successes.length === 0 ? [] : ['a declared success was not seen']),
    ...(share < LEAST_SHARE ? [`fewer than ${100 * LEAST_SHARE} % were seen`] : []),
  ];
  const list = missing.length === 0 ? '' : `not seen:\n${missing.map((each) => `  ${each}\n`).join('')}`;
  const reason = faults.length === 0 ? '' : `FAILED: ${faults.join(', and ')}\n`;
  return { text: `${line}\n${list}${reason}`, failed: faults.length > 0 };
}

/** Likewise of the declared events: each is seen on every way that it goes. */
export function judgeEvents({ declared, missing }: Coverage, isWhole: boolean): Verdict {
  const seen = declared - missing.length;
  const line = `events: ${seen} of ${declared} declared ones seen and valid, each way by itself`;
  if (!isWhole) return { text: seen === 0 ? '' : `${line}, in a part of the tests\n`, failed: false };
  if (missing.length === 0) return { text: `${line}\n`, failed: false };
  const list = missing.map((each) => `  ${each}\n`).join('');
  return { text: `${line}\nnot seen:\n${list}FAILED: a declared event was not seen\n`, failed: true };
}
