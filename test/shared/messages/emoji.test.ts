import { describe, expect, it } from 'vitest';
import { Emoji } from '../../../shared/messages/emoji.ts';
import { toJsonSchema } from '../../../shared/openapi/json-schema.ts';

const takes = (given: string) => Emoji.safeParse(given).success;
const pattern = String(toJsonSchema(Emoji, 'input')['pattern']);
/** Readers of the document count UTF-16 units or characters; both must come to the same. */
const readings = [new RegExp(pattern), new RegExp(pattern, 'u')];
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Of one character, with and without the mark that asks for its picture. */
function emojiOfOne(): string[] {
  const all: string[] = [];
  for (let code = 0xa0; code <= 0x1faff; code += 1) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const one = String.fromCodePoint(code);
    if (/^\p{Emoji}$/u.test(one) && !/^\p{Regional_Indicator}$/u.test(one)) all.push(one, `${one}\ufe0f`);
  }
  return all;
}

const JOINED = ['👩🏻‍❤️‍💋‍👨🏻', '👨‍👩‍👧‍👦', '🏳️‍🌈', '🏴‍☠️', '🤷🏽‍♀️', '🧑🏻‍🤝‍🧑🏿', '👁️‍🗨️', '🐦‍🔥'];
const WITH_SKIN = ['👍🏽', '🫶🏿', '🙏🏻'];
const FLAGS_AND_KEYS = ['🇮🇩', '🇩🇪', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🏴󠁧󠁢󠁷󠁬󠁳󠁿', '1️⃣', '#⃣', '*️⃣'];
const NONE_OR_MANY = [
  ...['a', '1', '#', 'ok', 'Ł', '好', '𝐀', ' ', '\n', '¯\\_(ツ)_/¯', 'a👍', '👍a', '👍 ', '👍\n'],
  ...[
    '👍👍',
    '❤️🔥',
    '🇮',
    '🇮🇩🇩🇪',
    '1️⃣2️⃣',
    '👍🏽🏽',
    '\u200d',
    '\u200d👍',
    '\ufe0f',
    '\u20e3',
    '❤\ufe0e',
    '\ud83d',
  ],
];

describe('a reaction', () => {
  it('a reaction is any one emoji, or empty', () => {
    const all = [...emojiOfOne(), ...JOINED, ...WITH_SKIN, ...FLAGS_AND_KEYS];
    expect(all.length).toBeGreaterThan(2_500);
    expect(all.filter((each) => !takes(each))).toEqual([]);
    expect(all.filter((each) => [...graphemes.segment(each)].length !== 1)).toEqual([]);
    expect(takes('')).toBe(true);
  });

  it.each(NONE_OR_MANY)('is not %j', (given) => {
    expect(Emoji.safeParse(given).error?.issues.map(({ message }) => message)).toContain(
      'use one emoji such as 👍, or an empty text to take the reaction back',
    );
  });

  it('a reaction is declared as it is taken, however a reader counts characters', () => {
    const whole = NONE_OR_MANY.filter((each) => each.isWellFormed());
    for (const given of ['', ...emojiOfOne(), ...JOINED, ...WITH_SKIN, ...FLAGS_AND_KEYS, ...whole])
      for (const reading of readings) expect([given, reading.test(given)]).toEqual([given, takes(given)]);
  });
});
