export interface BackOff {
  firstMs: number;
  mostMs: number;
}

/** Doubles with each failure up to a bound; the second half of each wait is random, so that workers spread out. */
export function backOffMs(failures: number, { firstMs, mostMs }: BackOff, random: () => number): number {
  const full = Math.min(mostMs, firstMs * 2 ** Math.max(0, failures - 1));
  return full / 2 + random() * (full / 2);
}
