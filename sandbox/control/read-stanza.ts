import type { StanzaJson } from '../verbs.ts';
import { type Stanza, stanza } from '../wire/stanza.ts';

/** A stanza as JSON writes it. */
export function readStanza({ tag, attrs = {}, content }: StanzaJson): Stanza {
  if (content === undefined || typeof content === 'string') return stanza(tag, attrs, content);
  if (Array.isArray(content)) return stanza(tag, attrs, content.map(readStanza));
  return stanza(tag, attrs, Buffer.from(content.base64, 'base64'));
}
