import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEntries, encodeEntries } from '../../../../worker/storage/journal/journal-entry.ts';
import { parsePartKey, partKey } from '../../../../worker/storage/journal/journal-keys.ts';
import { decodePart, encodePart, type JournalPart } from '../../../../worker/storage/journal/journal-part.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const entry = fc.record({
  space: text,
  id: text,
  value: fc.option(fc.string({ unit: 'grapheme', maxLength: 2_000 }), { nil: undefined }),
});
const part: fc.Arbitrary<JournalPart> = fc.record({
  kind: fc.constantFrom('log', 'fold', 'snapshot'),
  epoch: fc.nat(),
  from: fc.nat(),
  to: fc.maxSafeNat(),
  clean: fc.boolean(),
  entries: fc.array(entry, { maxLength: 20 }),
});

describe('the journal’s format', () => {
  it('the journal’s format gives back every entry as it was', () => {
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        expect(decodeEntries(encodeEntries(entries))).toEqual(entries);
      }),
    );
  });

  it('the journal’s format gives back every part as it was, small or large', async () => {
    await fc.assert(
      fc.asyncProperty(part, async (original) => {
        expect(await decodePart('k', await encodePart(original))).toEqual(original);
      }),
    );
    const entries = Array.from({ length: 5_000 }, (_, n) => ({
      space: 's',
      id: `${n}`,
      value: `value ${n}`,
    }));
    const large = { kind: 'snapshot', epoch: 1, from: 1, to: 1, clean: false, entries } as const;
    const body = await encodePart(large);
    expect(body.length).toBeLessThan(encodeEntries(entries).length / 2);
    expect(await decodePart('k', body)).toEqual(large);
  });

  it('the journal’s format finds a flipped bit wherever it is', async () => {
    await fc.assert(
      fc.asyncProperty(part, fc.nat(), fc.nat(7), async (original, at, bit) => {
        const body = await encodePart(original);
        const index = at % body.length;
        body[index] = (body[index] ?? 0) ^ (1 << bit);
        const code = index === 4 ? expect.stringMatching(/CORRUPT|VERSION/) : 'JOURNAL_CORRUPT';
        await expect(decodePart('k', body)).rejects.toMatchObject({ code });
      }),
    );
  });

  it('the journal’s format finds a part that is cut short', async () => {
    await fc.assert(
      fc.asyncProperty(part, fc.nat(), async (original, at) => {
        const body = await encodePart(original);
        const cut = body.subarray(0, at % body.length);
        await expect(decodePart('k', cut)).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
      }),
    );
  });

  it('the journal’s format says that a part of a newer release is one', async () => {
    const body = await encodePart({ kind: 'log', epoch: 1, from: 1, to: 1, clean: false, entries: [] });
    body[4] = 2;
    await expect(decodePart('k', body)).rejects.toMatchObject({
      code: 'JOURNAL_VERSION',
      message: expect.stringContaining('newer release'),
    });
  });

  it('the journal’s format reads in a key what it wrote there, and lists keys in the order of their numbers', () => {
    const name = fc.record({
      kind: fc.constantFrom('log' as const, 'fold' as const, 'snapshot' as const),
      epoch: fc.nat(999_999_999),
      from: fc.nat(),
      to: fc.maxSafeNat(),
    });
    fc.assert(
      fc.property(name, name, (a, b) => {
        const parsed = parsePartKey(partKey('s-1', a));
        expect(parsed).toMatchObject({ kind: a.kind, epoch: a.epoch, to: a.to });
        if (a.kind === 'fold') expect(parsed?.from).toBe(a.from);
        if (a.epoch < b.epoch) expect(partKey('s-1', a) < partKey('s-1', b)).toBe(true);
      }),
    );
  });
});
