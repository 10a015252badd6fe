/** The middle value; of an even number of values, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  const upper = Math.floor(sorted.length / 2);
  const middle =
    sorted.length % 2 === 1 ? sorted.slice(upper, upper + 1) : sorted.slice(upper - 1, upper + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}
