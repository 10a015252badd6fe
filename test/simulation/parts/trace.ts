import type { Logger } from 'pino';
import { currentHost } from '../engine/host.ts';
import type { VirtualTime } from '../engine/virtual-time.ts';

/** What happened in a history, line by line; kept only where somebody will read it. */
export interface Trace {
  readonly lines: readonly string[];
  note(text: string): void;
  /** In place of a program's log. */
  readonly log: Logger;
}

const show = (fields: unknown): string => {
  if (typeof fields !== 'object' || fields === null) return String(fields);
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${value instanceof Error ? value.message : JSON.stringify(value)}`)
    .join(' ');
};

/** A logger that hands each line to `take`; none of pino's own machinery, which a history would do a thousand times. */
function createLog(take: ((level: string, text: string) => void) | undefined, bound = ''): Logger {
  const write = (level: string) => (first: unknown, message?: string) =>
    take?.(level, `${bound}${message ?? ''} ${message === undefined ? String(first) : show(first)}`);
  const quiet = () => undefined;
  const log = {
    level: 'info',
    ...{ trace: quiet, debug: quiet, info: write('info'), warn: write('warn') },
    ...{ error: write('error'), fatal: write('fatal'), silent: quiet },
    child: (bindings: Record<string, unknown>) =>
      take === undefined ? log : createLog(take, `${bound}[${show(bindings)}] `),
  };
  return log as unknown as Logger;
}

export function createTrace(time: VirtualTime, isKept: boolean): Trace {
  const lines: string[] = [];
  const note = (text: string) => {
    lines.push(`${(time.now / 1_000).toFixed(3).padStart(9)} ${text}`);
  };
  return {
    lines,
    note: isKept ? note : () => undefined,
    log: createLog(
      isKept ? (level, text) => note(`${currentHost()?.name ?? ''} ${level}: ${text}`) : undefined,
    ),
  };
}
