import { SendMessageBatchCommand, SQSClient, SQSServiceException } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { openQueue } from '../../../shared/queue/queue.ts';

const URL = 'https://sqs.us-east-1.amazonaws.com/1/q.fifo';

function fakeQueue() {
  const client = new SQSClient({ region: 'us-east-1' });
  const sent = mockClient(client);
  sent.on(SendMessageBatchCommand).resolves({ Successful: [], Failed: [] });
  const batches = () =>
    sent.commandCalls(SendMessageBatchCommand).map(({ args: [{ input }] }) => input.Entries ?? []);
  return { sent, queue: openQueue(client, URL), batches };
}
const messages = (count: number, body = '{}') =>
  Array.from({ length: count }, (_, index) => ({ group: 'g', dedupId: `d${index}`, body }));

describe('a queue', () => {
  it('sends ten messages at a time, one batch after the other', async () => {
    const { queue, batches } = fakeQueue();
    await queue.send(messages(21));
    expect(batches().map(({ length }) => length)).toEqual([10, 10, 1]);
    expect(batches().flatMap((batch) => batch.map((entry) => entry.MessageDeduplicationId))).toEqual(
      messages(21).map(({ dedupId }) => dedupId),
    );
  });

  it('sends no batch that is heavier than SQS takes', async () => {
    const { queue, batches } = fakeQueue();
    await queue.send(messages(3, JSON.stringify('x'.repeat(120_000))));
    expect(batches().map(({ length }) => length)).toEqual([2, 1]);
  });

  it('is STORAGE_UNAVAILABLE where one message of a batch is not taken, and says nothing of its text', async () => {
    const { sent, queue, batches } = fakeQueue();
    const failed = { Id: '1', SenderFault: false, Code: 'InternalError', Message: 'my secret' };
    sent.on(SendMessageBatchCommand).resolves({ Successful: [], Failed: [failed] });
    const failure = await queue.send(messages(12)).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
      cause: { message: 'SQS did not take 1 messages (InternalError)' },
    });
    // What comes after it would overtake it.
    expect(batches()).toHaveLength(1);
  });

  it.each([
    ['throttles', new SQSServiceException({ name: 'RequestThrottled', $fault: 'client', $metadata: {} })],
    ['does not answer', Object.assign(new Error('no answer'), { name: 'TimeoutError' })],
  ])('that %s is STORAGE_UNAVAILABLE', async (_, failure) => {
    const { sent, queue } = fakeQueue();
    sent.on(SendMessageBatchCommand).rejects(failure);
    await expect(queue.send(messages(1))).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
      cause: failure,
    });
  });
});
