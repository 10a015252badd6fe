import type { PartKind } from './journal-part.ts';

/** What a key tells about its part. */
export interface PartName {
  key: string;
  kind: PartKind;
  epoch: number;
  from: number;
  to: number;
}

/** Wide enough for every safe integer, so that a LIST is in numerical order. */
const EPOCH_DIGITS = 12;
const NUMBER_DIGITS = 16;

const padEpoch = (epoch: number) => String(epoch).padStart(EPOCH_DIGITS, '0');
const padNumber = (number: number) => String(number).padStart(NUMBER_DIGITS, '0');

/** Everything of a session's auth state, in every epoch. */
export const authPrefix = (sessionId: string) => `sessions/${sessionId}/auth/`;

export function partKey(sessionId: string, part: Omit<PartName, 'key'>): string {
  const folder = `${authPrefix(sessionId)}${padEpoch(part.epoch)}/`;
  if (part.kind === 'snapshot') return `${folder}snapshot-${padNumber(part.to)}`;
  if (part.kind === 'log') return `${folder}log-${padNumber(part.to)}`;
  return `${folder}log-${padNumber(part.from)}-${padNumber(part.to)}`;
}

const NAME = /\/auth\/(\d{12})\/(snapshot|log)-(\d{16})(?:-(\d{16}))?$/;

/** Returns `undefined` for keys outside a journal. */
export function parsePartKey(key: string): PartName | undefined {
  const match = NAME.exec(key);
  if (match === null) return undefined;
  const [, epoch, word, first, second] = match;
  const to = Number(second ?? first);
  if (word === 'snapshot')
    return second === undefined ? { key, kind: 'snapshot', epoch: Number(epoch), from: to, to } : undefined;
  return { key, kind: second === undefined ? 'log' : 'fold', epoch: Number(epoch), from: Number(first), to };
}

/** The epoch in any key below a session's `auth/` folder. */
export function epochOfKey(key: string): number | undefined {
  const match = /\/auth\/(\d{1,15})\//.exec(key);
  return match === null ? undefined : Number(match[1]);
}
