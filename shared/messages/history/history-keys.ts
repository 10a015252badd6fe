/** One object of a session's history: what was written together, or a fold of several such. */
export interface HistoryPart {
  key: string;
  /** UTC. */
  day: string;
  /** When it was written, in milliseconds; of a fold, when the first and the last that it replaces were. */
  from: number;
  to: number;
  /** Of the owner who wrote it. */
  epoch: number;
  isFold: boolean;
  /** How many messages (not status steps) are in it, so that a LIST tells the total. */
  messages: number;
  sizeBytes: number;
}

type PartName = Pick<HistoryPart, 'from' | 'epoch' | 'messages'>;

export const historyPrefix = (sessionId: string) => `sessions/${sessionId}/messages/`;

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);
const pad = (ms: number) => String(ms).padStart(15, '0');

/** Within a day, parts sort by when they were written. */
export function historyKey(sessionId: string, { from, epoch, messages }: PartName, suffix: string): string {
  return `${historyPrefix(sessionId)}${dayOf(from)}/${pad(from)}-${epoch}-${suffix}-${messages}.ndjson`;
}

/** The same parts are always folded under the same name, so folding twice is folding once. */
export function foldKey(sessionId: string, { from, to, epoch, messages }: PartName & { to: number }): string {
  return `${historyPrefix(sessionId)}${dayOf(from)}/${pad(from)}-${pad(to)}-${epoch}-fold-${messages}.ndjson`;
}

const NAME = /\/messages\/(\d{4}-\d{2}-\d{2})\/(\d{15})(?:-(\d{15}))?-(\d{1,15})-([0-9a-z]+)-(\d+)\.ndjson$/;

/** `undefined` for keys that are none of a history's. */
export function parseHistoryKey({
  key,
  sizeBytes,
}: {
  key: string;
  sizeBytes: number;
}): HistoryPart | undefined {
  const [, day, from, to, epoch, , messages] = NAME.exec(key) ?? [];
  if (day === undefined) return undefined;
  return {
    key,
    day,
    from: Number(from),
    to: Number(to ?? from),
    epoch: Number(epoch),
    isFold: to !== undefined,
    messages: Number(messages),
    sizeBytes,
  };
}

/** Whether everything in `part` that counts is in `fold` as well. */
export function isCovered(part: HistoryPart, fold: HistoryPart): boolean {
  if (!fold.isFold || fold === part || fold.day !== part.day || fold.epoch !== part.epoch) return false;
  if (part.from < fold.from || part.to > fold.to) return false;
  // Of two folds of the same parts one is enough.
  const isSame = part.isFold && part.from === fold.from && part.to === fold.to;
  return !isSame || part.key < fold.key;
}

/** Splits what a LIST found into the parts that count, oldest first, and those a fold has made superfluous. */
export function sortParts(listed: readonly { key: string; sizeBytes: number }[]): {
  parts: HistoryPart[];
  covered: HistoryPart[];
} {
  const all = listed
    .map(parseHistoryKey)
    .filter((part) => part !== undefined)
    .toSorted((a, b) => a.to - b.to || (a.key < b.key ? -1 : 1));
  const folds = Map.groupBy(
    all.filter(({ isFold }) => isFold),
    ({ day }) => day,
  );
  const isSuperfluous = (part: HistoryPart) =>
    (folds.get(part.day) ?? []).some((fold) => isCovered(part, fold));
  const sorted = Map.groupBy(all, isSuperfluous);
  return { parts: sorted.get(false) ?? [], covered: sorted.get(true) ?? [] };
}
