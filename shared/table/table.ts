import { setTimeout as delay } from 'node:timers/promises';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type * as z from 'zod';
import { AppError } from '../errors/app-error.ts';
import type { Condition } from './condition.ts';
import { type Change, Expression } from './expression.ts';
import { toStorageFailure } from './storage-failure.ts';
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
export interface Table {
  get<S extends z.ZodType>(key: Key, schema: S): Promise<z.output<S> | undefined>;
  getMany<S extends z.ZodType>(keys: readonly Key[], schema: S): Promise<z.output<S>[]>;
  put(item: Key & Record<string, unknown>, condition?: Condition): Promise<boolean>;
  /** The whole item as it stands after the change. */
  update<S extends z.ZodType>(key: Key, change: Change, schema: S): Promise<z.output<S> | undefined>;
  delete(key: Key, condition?: Condition): Promise<boolean>;
  query<S extends z.ZodType>(options: QueryOptions, schema: S): Promise<z.output<S>[]>;
}

const BATCH_SIZE = 100;
const BATCH_ATTEMPTS = 5;
const BATCH_BACKOFF_MS = 25;

function conditional(condition: Condition | undefined) {
  if (condition === undefined) return {};
  const expression = new Expression();
  const ConditionExpression = expression.condition(condition);
  return { ConditionExpression, ...placeholders(expression) };
}

function placeholders(expression: Expression) {
  const { names, values } = expression;
  return {
    ...(Object.keys(names).length === 0 ? {} : { ExpressionAttributeNames: names }),
    ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
  };
}

async function settle<T, F>(request: Promise<T>, onConditionFailed: F): Promise<T | F> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return onConditionFailed;
    throw toStorageFailure(error);
  }
}

async function getBatch(client: DynamoDBDocumentClient, tableName: string, keys: readonly Key[]) {
  const items: unknown[] = [];
  let wanted: Record<string, unknown>[] = keys.map(({ pk, sk }) => ({ pk, sk }));
  for (let attempt = 0; wanted.length > 0; attempt += 1) {
    if (attempt === BATCH_ATTEMPTS)
      throw new AppError('STORAGE_UNAVAILABLE', 'The data store is too busy just now. Try again shortly.');
    if (attempt > 0) await delay(BATCH_BACKOFF_MS * 2 ** attempt * (0.5 + Math.random() / 2));
    const request = { RequestItems: { [tableName]: { Keys: wanted, ConsistentRead: true } } };
    const answer = await settle(client.send(new BatchGetCommand(request)), undefined);
    items.push(...(answer?.Responses?.[tableName] ?? []));
    wanted = answer?.UnprocessedKeys?.[tableName]?.Keys ?? [];
  }
  return items;
}

async function queryAll(client: DynamoDBDocumentClient, tableName: string, options: QueryOptions) {
  const { pk, index, limit, after } = options;
  const partitionKey = index === undefined ? 'pk' : `${index}pk`;
  const items: unknown[] = [];
  const sortKey = index === undefined ? 'sk' : `${index}sk`;
  let start: Record<string, unknown> | undefined;
  do {
    const request = {
      TableName: tableName,
      ...(index === undefined ? { ConsistentRead: true } : { IndexName: index }),
      KeyConditionExpression: after === undefined ? '#pk = :pk' : '#pk = :pk AND #sk > :after',
      ExpressionAttributeNames: { '#pk': partitionKey, ...(after === undefined ? {} : { '#sk': sortKey }) },
      ExpressionAttributeValues: { ':pk': pk, ...(after === undefined ? {} : { ':after': after }) },
      ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      ...(limit === undefined ? {} : { Limit: limit - items.length }),
    };
    const answer = await settle(client.send(new QueryCommand(request)), undefined);
    items.push(...(answer?.Items ?? []));
    start = answer?.LastEvaluatedKey;
  } while (start !== undefined && (limit === undefined || items.length < limit));
  return items;
}

export function openTable(client: DynamoDBDocumentClient, tableName: string): Table {
  const TableName = tableName;
  return {
    async get({ pk, sk }, schema) {
      const request = { TableName, Key: { pk, sk }, ConsistentRead: true };
      const answer = await settle(client.send(new GetCommand(request)), undefined);
      return answer?.Item === undefined ? undefined : schema.parse(answer.Item);
    },
    async getMany(keys, schema) {
      const unique = [...new Map(keys.map((key) => [`${key.pk}\n${key.sk}`, key])).values()];
      const batches = Array.from({ length: Math.ceil(unique.length / BATCH_SIZE) }, (_, index) =>
        getBatch(client, TableName, unique.slice(index * BATCH_SIZE, (index + 1) * BATCH_SIZE)),
      );
      return (await Promise.all(batches)).flat().map((item) => schema.parse(item));
    },
    async put(item, condition) {
      const request = { TableName, Item: item, ...conditional(condition) };
      return (await settle(client.send(new PutCommand(request)), undefined)) !== undefined;
    },
    async update({ pk, sk }, change, schema) {
      const expression = new Expression();
      const request = {
        TableName,
        Key: { pk, sk },
        UpdateExpression: expression.update(change),
        ...(change.condition === undefined
          ? {}
          : { ConditionExpression: expression.condition(change.condition) }),
        ...placeholders(expression),
        ReturnValues: 'ALL_NEW' as const,
      };
      const answer = await settle(client.send(new UpdateCommand(request)), undefined);
      return answer === undefined ? undefined : schema.parse(answer.Attributes);
    },
    async delete({ pk, sk }, condition) {
      const request = { TableName, Key: { pk, sk }, ...conditional(condition) };
      return (await settle(client.send(new DeleteCommand(request)), undefined)) !== undefined;
    },
    async query(options, schema) {
      return (await queryAll(client, TableName, options)).map((item) => schema.parse(item));
    },
  };
}
