import type { SessionItem } from '../../sessions/session-item.ts';

/**
 * What messages are accepted for: this session, not one of the same name before it, and the phone that is linked,
 * not one that is linked after a logout. Ids of sessions come back, and epochs rise with every move; this rises
 * exactly where what waits must not leave any more. Each part never falls while those before it stand still.
 */
export function linkOf({
  firstEpoch = 0,
  authFloor,
  relinks = 0,
}: Pick<SessionItem, 'firstEpoch' | 'authFloor' | 'relinks'>): string {
  return [firstEpoch, authFloor, relinks].join('.');
}

const partsOf = (link: string) => link.split('.').map(Number);

/** Of which session of its name it is: the first epoch that session had, or could have had. */
export const lifeOf = (link: string): number => partsOf(link)[0] ?? 0;

/** Whether a link had ended when the other began. */
export function isBefore(link: string, other: string): boolean {
  const others = partsOf(other);
  const difference = partsOf(link)
    .map((part, index) => part - (others[index] ?? 0))
    .find((each) => each !== 0);
  return difference !== undefined && difference < 0;
}
