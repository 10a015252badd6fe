import type { SessionItem } from '../../sessions/session-item.ts';

/**
 * Identifies what messages are accepted for: this session, not an earlier one of the same name, and the phone
 * that is linked now, not one linked after a logout. Session ids come back and epochs rise with every move;
 * this rises exactly where waiting messages must not be sent any more. Each part rises or stays while the
 * parts before it stay.
 */
export function linkOf({
  firstEpoch = 0,
  authFloor,
  relinks = 0,
}: Pick<SessionItem, 'firstEpoch' | 'authFloor' | 'relinks'>): string {
  return [firstEpoch, authFloor, relinks].join('.');
}

const partsOf = (link: string) => link.split('.').map(Number);

/** Which session of this name it is: the first epoch that the session had, or could have had. */
export const lifeOf = (link: string): number => partsOf(link)[0] ?? 0;

/** Tells whether one link had ended when the other began. */
export function isBefore(link: string, other: string): boolean {
  const others = partsOf(other);
  const difference = partsOf(link)
    .map((part, index) => part - (others[index] ?? 0))
    .find((each) => each !== 0);
  return difference !== undefined && difference < 0;
}
