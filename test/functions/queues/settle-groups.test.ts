import type { SQSRecord } from 'aws-lambda';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { settleGroups } from '../../../functions/queues/settle-groups.ts';
import type { ReceivedMessages } from '../../../shared/queue/received-messages.ts';

const log = pino({ level: 'silent' });
const record = (id: string): SQSRecord => ({
  messageId: id,
  receiptHandle: `handle-${id}`,
  body: '',
  attributes: {
    ApproximateReceiveCount: '1',
    SentTimestamp: '0',
    SenderId: '',
    ApproximateFirstReceiveTimestamp: '0',
    MessageGroupId: id.charAt(0),
  },
  messageAttributes: {},
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: '',
  awsRegion: '',
});

function recordCalls(more: Partial<ReceivedMessages> = {}) {
  const removed = Promise.withResolvers<readonly string[]>();
  const postponed: [readonly string[], number][] = [];
  const received: ReceivedMessages = {
    remove: async (handles) => removed.resolve(handles),
    postpone: async (handles, afterS) => {
      postponed.push([handles, afterS]);
    },
    ...more,
  };
  return { received, removed: removed.promise, postponed };
}

describe('the groups of a batch', () => {
  it('settle by themselves: what is done is removed while another group is still at work', async () => {
    const { received, removed } = recordCalls();
    const slow = Promise.withResolvers<void>();
    const event = { Records: ['a1', 'b1', 'a2', 'c1'].map(record) };
    const answer = settleGroups({ event, received, log }, async ([first]) => {
      if (first?.messageId === 'a1') await slow.promise;
      return [];
    });
    expect(await removed).toEqual(['handle-b1', 'handle-c1']);
    slow.resolve();
    expect(await answer).toEqual({ batchItemFailures: [] });
  });

  it('leave it to the answer where all are done at once', async () => {
    const { received, removed } = recordCalls();
    const event = { Records: ['a1', 'b1'].map(record) };
    await settleGroups({ event, received, log }, async () => []);
    expect(await Promise.race([removed, Promise.resolve('nothing')])).toBe('nothing');
  });

  it('put back what was not dealt with at the time it is told, and answer that it was not', async () => {
    const { received, postponed } = recordCalls();
    const event = { Records: ['a1', 'a2', 'a3', 'b1'].map(record) };
    const answer = await settleGroups({ event, received, log }, async (records) =>
      records.length === 3 ? [{ records: records.slice(1), afterS: 7 }] : [],
    );
    expect(postponed).toEqual([[['handle-a2', 'handle-a3'], 7]]);
    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: 'a2' }, { itemIdentifier: 'a3' }]);
  });

  it('are answered all the same where the queue does not take what is told it meanwhile', async () => {
    const fails = async () => {
      throw new Error('the queue does not answer');
    };
    const { received } = recordCalls({ postpone: fails });
    const event = { Records: ['a1', 'b1'].map(record) };
    const answer = await settleGroups({ event, received, log }, async (records) =>
      records[0]?.messageId === 'a1' ? [{ records, afterS: 1 }] : [],
    );
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'a1' }] });
  });
});
