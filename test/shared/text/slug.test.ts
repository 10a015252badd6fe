import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalizeSlug } from '../../../shared/text/slug.ts';

describe('normalising ids', () => {
  it.each([
    ['Worker_001', 'worker-001'],
    ['custom  name 100', 'custom-name-100'],
    ['--A--B--', 'a-b'],
    ['Café Zürich', 'cafe-zurich'],
    ['日本', ''],
  ])('normalising ids turns %j into %j', (text, slug) => expect(normalizeSlug(text)).toBe(slug));

  it('normalising ids answers only letters, digits and single inner hyphens, and is stable', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const slug = normalizeSlug(text);
        expect(slug).toMatch(/^(?:[a-z0-9]+(?:-[a-z0-9]+)*)?$/);
        expect(normalizeSlug(slug)).toBe(slug);
      }),
    );
  });
});
