import { setTimeout as delay } from 'node:timers/promises';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandOutput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type * as z from 'zod';
import { AppError } from '../errors/app-error.ts';
import { type BackOff, backOffMs } from '../retry/back-off.ts';
import type { Condition } from './condition.ts';
import { type Change, Expression } from './expression.ts';
import { toStorageFailure } from './table-client.ts';
import type { IndexName } from './table-definition.ts';

export interface Key {
  pk: string;
  sk: string;
}

export interface QueryOptions {
  pk: string;
  /** The base table, read consistently, where absent; an index lags. */
  index?: IndexName;
  limit?: number;
  /** The sort key to go on after. */
  after?: string | undefined;
}

/**
 * The one table, typed by the schemas it is read with. Reads of items are consistent. A write whose
 * condition does not hold is an answer (`false`, `undefined`), not an error.
 * @throws AppError STORAGE_UNAVAILABLE where retries did not help.
 */
export interface Table extends TableReads, TableWrites {}

export interface TableReads {
  get<S extends z.ZodType>(key: Key, schema: S): Promise<z.output<S> | undefined>;
  getMany<S extends z.ZodType>(keys: readonly Key[], schema: S): Promise<z.output<S>[]>;
  query<S extends z.ZodType>(options: QueryOptions, schema: S): Promise<z.output<S>[]>;
}

export interface TableWrites {
  put(item: Key & Record<string, unknown>, condition?: Condition): Promise<boolean>;
  /** The whole item as it stands after the change. */
  update<S extends z.ZodType>(key: Key, change: Change, schema: S): Promise<z.output<S> | undefined>;
  delete(key: Key, condition?: Condition): Promise<boolean>;
}

/** An item as the document client gives it. */
type Item = Record<string, unknown>;

const BATCH_SIZE = 100;
const BATCH_ATTEMPTS = 5;
const BATCH_BACK_OFF: BackOff = { firstMs: 50, longestMs: 400 };

function conditional(condition: Condition | undefined) {
  if (condition === undefined) return {};
  const expression = new Expression();
  const ConditionExpression = expression.condition(condition);
  return { ConditionExpression, ...placeholders(expression) };
}

function placeholders({ names, values }: Expression) {
  return {
    ...(Object.keys(names).length === 0 ? {} : { ExpressionAttributeNames: names }),
    ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
  };
}

/** Undefined where the condition does not hold. */
async function settle<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw toStorageFailure(error);
  }
}

/** What a batch leaves out, for want of capacity or of room in the answer, is asked for again. */
async function getBatch(client: DynamoDBDocumentClient, tableName: string, keys: readonly Key[]) {
  const items: Item[] = [];
  let wanted: Item[] = keys.map(({ pk, sk }) => ({ pk, sk }));
  for (let attempt = 0; wanted.length > 0; attempt += 1) {
    if (attempt === BATCH_ATTEMPTS)
      throw new AppError('STORAGE_UNAVAILABLE', 'The data store is too busy just now. Try again shortly.');
    if (attempt > 0) await delay(backOffMs(BATCH_BACK_OFF, attempt - 1));
    const RequestItems = { [tableName]: { Keys: wanted, ConsistentRead: true } };
    const answer = await settle(client.send(new BatchGetCommand({ RequestItems })));
    items.push(...(answer?.Responses?.[tableName] ?? []));
    wanted = answer?.UnprocessedKeys?.[tableName]?.Keys ?? [];
  }
  return items;
}

async function queryAll(client: DynamoDBDocumentClient, tableName: string, options: QueryOptions) {
  const { pk, index, limit, after } = options;
  const partitionKey = index === undefined ? 'pk' : `${index}pk`;
  const items: Item[] = [];
  const sortKey = index === undefined ? 'sk' : `${index}sk`;
  let start: Item | undefined;
  do {
    const request = new QueryCommand({
      TableName: tableName,
      ...(index === undefined ? { ConsistentRead: true } : { IndexName: index }),
      KeyConditionExpression: after === undefined ? '#pk = :pk' : '#pk = :pk AND #sk > :after',
      ExpressionAttributeNames: { '#pk': partitionKey, ...(after === undefined ? {} : { '#sk': sortKey }) },
      ExpressionAttributeValues: { ':pk': pk, ...(after === undefined ? {} : { ':after': after }) },
      ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      ...(limit === undefined ? {} : { Limit: limit - items.length }),
    });
    const answer: QueryCommandOutput | undefined = await settle(client.send(request));
    items.push(...(answer?.Items ?? []));
    start = answer?.LastEvaluatedKey;
  } while (start !== undefined && (limit === undefined || items.length < limit));
  return items;
}

/** The table for whoever may only read it. */
export function openTableReads(client: DynamoDBDocumentClient, TableName: string): TableReads {
  return {
    async get({ pk, sk }, schema) {
      const request = new GetCommand({ TableName, Key: { pk, sk }, ConsistentRead: true });
      const answer = await settle(client.send(request));
      return answer?.Item === undefined ? undefined : schema.parse(answer.Item);
    },
    async getMany(keys, schema) {
      const unique = [...new Map(keys.map((key) => [`${key.pk}\n${key.sk}`, key])).values()];
      const batches = Array.from({ length: Math.ceil(unique.length / BATCH_SIZE) }, (_, index) =>
        getBatch(client, TableName, unique.slice(index * BATCH_SIZE, (index + 1) * BATCH_SIZE)),
      );
      return (await Promise.all(batches)).flat().map((item) => schema.parse(item));
    },
    async query(options, schema) {
      return (await queryAll(client, TableName, options)).map((item) => schema.parse(item));
    },
  };
}

export function openTable(client: DynamoDBDocumentClient, TableName: string): Table {
  return {
    ...openTableReads(client, TableName),
    async put(item, condition) {
      const request = new PutCommand({ TableName, Item: item, ...conditional(condition) });
      return (await settle(client.send(request))) !== undefined;
    },
    async update({ pk, sk }, change, schema) {
      const expression = new Expression();
      const request = new UpdateCommand({
        TableName,
        Key: { pk, sk },
        UpdateExpression: expression.update(change),
        ...(change.condition === undefined
          ? {}
          : { ConditionExpression: expression.condition(change.condition) }),
        ...placeholders(expression),
        ReturnValues: 'ALL_NEW',
      });
      const answer = await settle(client.send(request));
      return answer?.Attributes === undefined ? undefined : schema.parse(answer.Attributes);
    },
    async delete({ pk, sk }, condition) {
      const request = new DeleteCommand({ TableName, Key: { pk, sk }, ...conditional(condition) });
      return (await settle(client.send(request))) !== undefined;
    },
  };
}
