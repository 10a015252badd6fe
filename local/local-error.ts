import { AppError } from '../shared/errors/app-error.ts';

/** A failure that a person can fix: shown as its one sentence, without a stack; the process ends with 1. */
export class LocalError extends Error {
  override readonly name = 'LocalError';
}

interface SystemError {
  code?: unknown;
  port?: unknown;
  path?: unknown;
}

/** The sentence shown for whatever ended the program. */
export function explain(thrown: unknown): string {
  if (thrown instanceof LocalError || thrown instanceof AppError) return thrown.message;
  const { code, port, path } = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as SystemError;
  if (code === 'EADDRINUSE')
    return `Port ${String(port)} on 127.0.0.1 is in use: end what listens there, or take any free ports with PORT=0.`;
  if (code === 'EACCES')
    return `Not permitted: ${String(path ?? `port ${String(port)}`)}; choose a port above 1023 with PORT, and check who owns .local/.`;
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND')
    return `A dependency is missing; run "npm ci" once. (${thrown instanceof Error ? thrown.message.split('\n')[0] : ''})`;
  return `It went wrong: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
}
