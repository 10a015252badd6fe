import pc from 'picocolors';

/** pino's numbers. */
export const WARN = 40;
const LEVELS: ReadonlyMap<unknown, number> = new Map([
  ['trace', 10],
  ['debug', 20],
  ['info', 30],
  ['warn', WARN],
  ['error', 50],
  ['fatal', 60],
]);
const LONGEST = 'error'.length;

export interface LogLine {
  level: number;
  text: string;
}

interface Entry {
  level: string;
  time?: unknown;
  msg?: unknown;
  err?: unknown;
  [field: string]: unknown;
}

function parse(line: string): Entry | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    const isEntry = typeof parsed === 'object' && parsed !== null && 'level' in parsed;
    return isEntry && LEVELS.has(parsed.level) ? (parsed as Entry) : undefined;
  } catch {
    return undefined;
  }
}

const render = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

function renderError(err: unknown): string {
  if (typeof err !== 'object' || err === null) return '';
  const { stack, message } = err as { stack?: unknown; message?: unknown };
  const lines = String(stack ?? message ?? '').split('\n');
  return lines.map((text) => `\n    ${text.trim()}`).join('');
}

/** Formats a line of a pino log for people; other lines are passed on as `otherwise`. */
export function formatLogLine(line: string, otherwise: number): LogLine {
  const entry = parse(line);
  if (entry === undefined) return { level: otherwise, text: line };
  const { level, time, msg, err, pid: _pid, hostname: _host, workerId: _worker, ...fields } = entry;
  const clock = typeof time === 'number' ? new Date(time).toISOString().slice(11, 23) : '';
  const rest = Object.entries(fields)
    .map(([name, value]) => `${name}=${render(value)}`)
    .join(' ');
  const text = [clock, level.padEnd(LONGEST), render(msg ?? ''), rest].filter((part) => part !== '');
  return { level: LEVELS.get(level) ?? otherwise, text: text.join('  ') + renderError(err) };
}

/** For the terminal: the part that speaks, coloured by severity. */
export function paint(part: string, { level, text }: LogLine): string {
  const colour = level > WARN ? pc.red : level === WARN ? pc.yellow : pc.dim;
  return `${pc.cyan(part)}  ${colour(text)}`;
}
