import { createHash, timingSafeEqual } from 'node:crypto';
import { AppError } from '../../shared/errors/app-error.ts';

const digest = (text: string) => createHash('sha256').update(text).digest();

/**
 * Checks `Authorization: Bearer …` against the tokens that are valid now (two during rotation). It compares
 * digests, and always all of them, so that the time taken reveals neither length nor content.
 */
export function createBearerCheck(tokens: readonly string[]): (authorization: string | undefined) => void {
  const known = tokens.map(digest);
  return (authorization) => {
    const [, given] = /^bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
    const actual = digest(given ?? '');
    const matches = known.filter((expected) => timingSafeEqual(expected, actual)).length;
    if (given === undefined || matches === 0)
      throw new AppError('UNAUTHORIZED', 'Send the worker token as "Authorization: Bearer <token>".');
  };
}
