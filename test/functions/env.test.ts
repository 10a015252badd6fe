import { describe, expect, it } from 'vitest';
import { parseFunctionsEnv } from '../../functions/env.ts';
import { AppError } from '../../shared/errors/app-error.ts';

const complete = {
  TABLE_NAME: 'gateway',
  JWT_SECRETS: `${'n'.repeat(32)}, ${'o'.repeat(32)}`,
  WORKER_AUTH_TOKENS: 'worker-secret-token-12345',
  WEBSOCKET_URL: 'wss://example.com',
  WEBSOCKET_CALLBACK_URL: 'https://example.com',
};

describe('the environment of functions', () => {
  it('the environment of functions takes lists of secrets, the first one first', () => {
    expect(parseFunctionsEnv(complete).JWT_SECRETS).toEqual(['n'.repeat(32), 'o'.repeat(32)]);
  });

  it('the environment of functions names every variable that is wrong at once, and shows no secret', () => {
    let failure: unknown;
    try {
      parseFunctionsEnv({
        ...complete,
        TABLE_NAME: undefined,
        JWT_SECRETS: 'too-short-secret',
        WEBSOCKET_URL: 'x',
      });
    } catch (error) {
      failure = error;
    }
    if (!(failure instanceof AppError)) throw new Error('it was accepted');
    const paths = failure.details?.map(({ path }) => path.split('.')[0]);
    expect(paths).toEqual(expect.arrayContaining(['TABLE_NAME', 'JWT_SECRETS', 'WEBSOCKET_URL']));
    expect(JSON.stringify([failure.message, failure.details])).not.toContain('too-short-secret');
  });
});
