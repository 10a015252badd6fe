import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';

/** What DynamoDB charges: a read unit is 4 KB read consistently, a write unit 1 KB written, indexes included. */
export interface Units {
  readUnits: number;
  writeUnits: number;
}

const Consumed = z.object({ CapacityUnits: z.number() });
const Output = z.object({ ConsumedCapacity: z.union([Consumed, z.array(Consumed)]).optional() });

const READS = ['GetItemCommand', 'BatchGetItemCommand', 'QueryCommand'];

/** Adds up what every request consumes from now on, as the engine says. */
export function countUnits({ middlewareStack }: DynamoDBDocumentClient): { take(): Units } {
  let units: Units = { readUnits: 0, writeUnits: 0 };
  middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const add = (consumed: number) => {
          units[READS.includes(commandName) ? 'readUnits' : 'writeUnits'] += consumed;
        };
        const asking = { ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' as const } };
        const answer = await next(asking).catch((error: unknown) => {
          // A condition that does not hold is charged too, and nobody says how much: the items are below 1 KB.
          add(1);
          throw error;
        });
        const { ConsumedCapacity: consumed = [] } = Output.parse(answer.output);
        for (const { CapacityUnits } of [consumed].flat()) add(CapacityUnits);
        return answer;
      },
    { step: 'initialize', name: 'countUnits' },
  );
  return {
    take() {
      const taken = units;
      units = { readUnits: 0, writeUnits: 0 };
      return taken;
    },
  };
}
