import { type DestinationStream, type Logger, pino } from 'pino';

export interface LoggerOptions {
  level: string;
  /** Fields of every line. */
  base: Readonly<Record<string, string>> | null;
}

/**
 * The log of a process, one JSON object per line; `level` is a word, so that CloudWatch's filters can name
 * it.
 */
export function createLogger({ level, base }: LoggerOptions, destination?: DestinationStream): Logger {
  const options = { level, base, formatters: { level: (label: string) => ({ level: label }) } };
  return destination === undefined ? pino(options) : pino(options, destination);
}
