import { createHash, randomBytes } from 'node:crypto';

const render = (bytes: Buffer) => `3EB0${bytes.subarray(0, 18).toString('hex').toUpperCase()}`;

/**
 * Chosen before sending, in the form WhatsApp's own clients use, so that a repeated call is the same message.
 * @param seed of an idempotent request: each of its tries that may be on its way has the same id
 * @param generation rises where an earlier id is known to be on its way no more
 */
export function newMessageId(seed?: string, generation = 0): string {
  if (seed === undefined) return render(randomBytes(18));
  return render(createHash('sha256').update(`${seed}\n${generation}`).digest());
}
