import { expect, it } from 'vitest';
import { median } from '../../../local/demo/screen.ts';

it('is the middle value, or the mean of the two in the middle', () => {
  expect(median([5, 1, 3])).toBe(3);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
});
