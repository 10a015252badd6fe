import { distance } from 'fastest-levenshtein';

const plain = (name: string) => name.toLowerCase().replace(/[_\-\s]/g, '');

/** How far apart two names are; 0 where only case, hyphens or underscores differ. */
function apart(name: string, other: string): number {
  const [a, b] = [plain(name), plain(other)];
  const isPart = a.length > 2 && b.length > 2 && (a.includes(b) || b.includes(a));
  return isPart ? 1 : distance(a, b);
}

/** The known name that someone has meant by this one; `undefined` where none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const [nearest] = known
    .map((other) => ({ other, far: apart(name, other) }))
    .filter(({ other, far }) => far <= Math.max(name.length, other.length) / 3)
    .toSorted((a, b) => a.far - b.far);
  return nearest?.other;
}
