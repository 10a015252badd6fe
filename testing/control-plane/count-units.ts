import * as z from 'zod';
import type { TableClient } from '../../shared/table/table-client.ts';

/** What DynamoDB charges: a read unit is 4 KB read consistently, a write unit 1 KB written, indexes included. */
export interface Units {
  readUnits: number;
  writeUnits: number;
}

const Consumed = z.object({ CapacityUnits: z.number() });
const Answer = z.object({ ConsumedCapacity: z.union([Consumed, z.array(Consumed)]).optional() });

const READS = ['GetItem', 'BatchGetItem', 'Query'];

/** Adds up what every request consumes from now on, as the engine says. */
export function countUnits(client: TableClient): { take(): Units } {
  let units: Units = { readUnits: 0, writeUnits: 0 };
  const call = client.call.bind(client);
  client.call = async (action, input) => {
    const add = (consumed: number) => {
      units[READS.includes(action) ? 'readUnits' : 'writeUnits'] += consumed;
    };
    const answer = await call(action, { ...input, ReturnConsumedCapacity: 'TOTAL' }).catch(
      (error: unknown) => {
        // A condition that does not hold is charged too, and nobody says how much: the items are below 1 KB.
        add(1);
        throw error;
      },
    );
    const { ConsumedCapacity: consumed = [] } = Answer.parse(answer);
    for (const { CapacityUnits } of [consumed].flat()) add(CapacityUnits);
    return answer;
  };
  return {
    take() {
      const taken = units;
      units = { readUnits: 0, writeUnits: 0 };
      return taken;
    },
  };
}
