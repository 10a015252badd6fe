/** One object of a session's history: records written together, or a fold of several such parts. */
export interface HistoryPart {
  key: string;
  /** The day in UTC. */
  day: string;
  /**
   * When it was written, in milliseconds; for a fold, when the first and the last part that it replaces were.
   */
  from: number;
  to: number;
  /** The epoch of the owner that wrote it. */
  epoch: number;
  isFold: boolean;
  /** How many messages (not status steps) it holds, so that a LIST tells the total. */
  messages: number;
  sizeBytes: number;
}

type PartName = Pick<HistoryPart, 'from' | 'epoch' | 'messages'>;

export const historyPrefix = (sessionId: string) => `sessions/${sessionId}/messages/`;

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);
const pad = (ms: number) => String(ms).padStart(15, '0');

/** Within a day, parts sort by the time they were written. */
export function historyKey(sessionId: string, { from, epoch, messages }: PartName, suffix: string): string {
  return `${historyPrefix(sessionId)}${dayOf(from)}/${pad(from)}-${epoch}-${suffix}-${messages}.ndjson`;
}

/** The same parts are always folded under the same name, so that folding twice is harmless. */
export function foldKey(sessionId: string, { from, to, epoch, messages }: PartName & { to: number }): string {
  return `${historyPrefix(sessionId)}${dayOf(from)}/${pad(from)}-${pad(to)}-${epoch}-fold-${messages}.ndjson`;
}

const NAME = /\/messages\/(\d{4}-\d{2}-\d{2})\/(\d{15})(?:-(\d{15}))?-(\d{1,15})-([0-9a-z]+)-(\d+)\.ndjson$/;

/** Returns `undefined` for keys outside a history. */
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

/** Tells whether `fold` holds everything of `part` that counts. */
export function isCovered(part: HistoryPart, fold: HistoryPart): boolean {
  if (!fold.isFold || fold === part || fold.day !== part.day || fold.epoch !== part.epoch) return false;
  if (part.from < fold.from || part.to > fold.to) return false;
  // Of two folds of the same parts, one is enough.
  const isSame = part.isFold && part.from === fold.from && part.to === fold.to;
  return !isSame || part.key < fold.key;
}

/** Splits a LIST into the parts that count, oldest first, and those that a fold has made redundant. */
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
