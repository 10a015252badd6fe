import { type DestinationStream, type Logger, pino } from 'pino';

export interface LoggerOptions {
  level: string;
  /** On every line. */
  base: Readonly<Record<string, string>> | null;
}

/** The log of a process, a JSON object a line; its `level` is a word, so that a filter of CloudWatch's can name it. */
export function createLogger({ level, base }: LoggerOptions, destination?: DestinationStream): Logger {
  const options = { level, base, formatters: { level: (label: string) => ({ level: label }) } };
  return destination === undefined ? pino(options) : pino(options, destination);
}
