import type { Stanza } from '../wire/stanza.ts';
import { type Request, RequestRefused } from './request.ts';

/** `xmlns=w:g2`. */
export function answerGroups(_request: Request): Stanza[] {
  throw new RequestRefused(501, 'feature-not-implemented');
}
