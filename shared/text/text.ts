import * as z from 'zod';

/** C0, DEL and C1, written out because some readers of the OpenAPI document do not know `\p{Cc}`. */
const CONTROLS = '\\u0000-\\u001f\\u007f-\\u009f';
const CONTROLS_BUT_BREAKS = '\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f';

/** A visible character: neither space nor control character. The byte order mark counts as space. */
export const VISIBLE = new RegExp(`[^\\s${CONTROLS}\\ufeff]`);

/** One line with at least one character of this class. */
export const linePattern = (needed: string): string => `^[^${CONTROLS}]*${needed}[^${CONTROLS}]*$`;

export const HALF_A_CHARACTER = 'it holds half a character (a lone surrogate), which cannot be sent on';

/**
 * Text that UTF-8, and so storage and WhatsApp, can carry: half a surrogate pair is refused. No pattern can
 * say so, because JSON Schema's strings have no halves.
 */
export const text = () => z.string().refine((given) => given.isWellFormed(), HALF_A_CHARACTER);

/** Text on one line. */
export const line = () =>
  text().regex(new RegExp(`^[^${CONTROLS}]*$`), 'leave out line breaks, tabs and other control characters');

/** Text that may have line breaks and tabs. */
export const prose = () =>
  text().regex(new RegExp(`^[^${CONTROLS_BUT_BREAKS}]*$`), 'leave out control characters');

/** A name: one line that is not blank, without surrounding spaces. */
export const nameOf = (maxLength: number) =>
  line()
    .trim()
    .min(1)
    .max(maxLength)
    .meta({ pattern: linePattern(VISIBLE.source) });

/**
 * JSON as it was written by ourselves; its failure can be logged, since it quotes nothing of the text, where messages
 * may stand.
 * @throws SyntaxError
 */
export function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SyntaxError(`These ${text.length} characters are not JSON.`);
  }
}
