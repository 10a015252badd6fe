import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromCursor, takePage, toCursor } from '../../../shared/contract/cursor.ts';

describe('a cursor', () => {
  it('a cursor leads back to its position, whatever that is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (position) => {
        expect(fromCursor('users', toCursor('users', position))).toBe(position);
      }),
    );
  });

  it('a cursor is refused where it is made up, cut, or of another list', () => {
    const cursor = toCursor('users', 'somebody');
    for (const wrong of ['garbage', '', cursor.slice(0, -1), `${cursor}A`, toCursor('workers', 'somebody')])
      expect(() => fromCursor('users', wrong)).toThrow(
        expect.objectContaining({
          code: 'VALIDATION_ERROR',
          details: [expect.objectContaining({ path: 'cursor' })],
        }),
      );
  });
});

it('pages show every row once, in order, and the last one says so', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(), { maxLength: 30 }),
      fc.integer({ min: 1, max: 10 }),
      (numbers, limit) => {
        const rows = numbers.map((number) => String(number).padStart(12, '0')).sort();
        const seen: string[] = [];
        let cursor: string | null | undefined;
        do {
          const after = fromCursor('users', cursor ?? undefined) ?? '';
          const { page, pagination } = takePage(
            'users',
            { limit, cursor: undefined },
            rows.filter((row) => row > after),
            (row) => row,
          );
          seen.push(...page);
          expect(pagination.hasMore).toBe(pagination.cursor !== null);
          cursor = pagination.cursor;
        } while (cursor !== null);
        expect(seen).toEqual(rows);
      },
    ),
  );
});
