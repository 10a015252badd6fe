import type { Logger } from 'pino';
import { describeFault } from './describe-fault.ts';

/** Baileys' logger interface, structurally. */
export interface SocketLogger {
  level: string;
  child(bindings: Record<string, unknown>): SocketLogger;
  trace(context: unknown, message?: string): void;
  debug(context: unknown, message?: string): void;
  info(context: unknown, message?: string): void;
  warn(context: unknown, message?: string): void;
  error(context: unknown, message?: string): void;
}

const ignore = () => undefined;

/** Baileys' errors that every linking brings: the 515 after pairing, and an acknowledgement that we send ourselves. */
const EXPECTED = new Set(['stream errored out', 'failed to ack notification']);

/**
 * What Baileys may log. Its objects hold keys, stanzas and message texts, so only its own fixed sentences
 * pass, with the message of an error, and only warnings and worse.
 */
export function quietLogger(log: Logger): SocketLogger {
  const say = (level: 'warn' | 'error') => (context: unknown, message?: string) => {
    const text = message ?? (typeof context === 'string' ? context : 'whatsapp client');
    // Warnings are frequent and mostly about single messages: they matter when looking for a fault.
    log[level === 'error' && !EXPECTED.has(text) ? 'warn' : 'debug'](
      { reason: reasonIn(context) },
      text.slice(0, 200),
    );
  };
  const logger: SocketLogger = {
    level: 'warn',
    child: () => logger,
    trace: ignore,
    debug: ignore,
    info: ignore,
    warn: say('warn'),
    error: say('error'),
  };
  return logger;
}

function reasonIn(context: unknown): string | undefined {
  if (typeof context !== 'object' || context === null) return undefined;
  const { err, error } = context as { err?: unknown; error?: unknown };
  const thrown = err ?? error;
  return thrown === undefined ? undefined : describeFault(thrown);
}
