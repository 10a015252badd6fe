import { createHash } from 'node:crypto';
import { normalizeSlug } from '../../shared/ids/slug.ts';

/** `<userId>-<slug of name>`; a name without a single Latin letter or digit is named by its hash. */
export function newSessionId(userId: string, name: string): string {
  const slug = normalizeSlug(name) || createHash('sha256').update(name).digest('hex').slice(0, 12);
  return `${userId}-${slug}`;
}
