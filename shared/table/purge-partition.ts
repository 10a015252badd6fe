import type * as z from 'zod';
import type { Key, Table } from './table.ts';

const PAGE = 25;

/** Whether there is time, or room, for another page. */
export type MayGoOn = () => boolean;

/**
 * Removes what is over from a partition, a page at a time. False where it stopped in between: it goes on where
 * there is something left whenever it is called again.
 * @param removeParts what belongs to an item goes before it
 */
export async function purgePartition<T extends { sk: string }>(
  table: Table,
  { pk, schema, mayGoOn }: { pk: string; schema: z.ZodType<T>; mayGoOn: MayGoOn },
  isOver: (item: T) => boolean,
  removeParts: (item: T) => Promise<void> = async () => {},
): Promise<boolean> {
  let after: string | undefined;
  for (;;) {
    if (!mayGoOn()) return false;
    const page = await table.query({ pk, limit: PAGE, after }, schema);
    await Promise.all(
      page.filter(isOver).map(async (item) => {
        await removeParts(item);
        const key: Key = { pk, sk: item.sk };
        await table.delete(key);
      }),
    );
    if (page.length < PAGE) return true;
    after = page.at(-1)?.sk;
  }
}
