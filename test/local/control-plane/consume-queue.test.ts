import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { describe, expect, it, onTestFinished } from 'vitest';
import { consumeQueue } from '../../../local/control-plane/consume-queue.ts';
import { startObjectStore } from '../../../local/services/start-object-store.ts';
import { startQueues } from '../../../local/services/start-queues.ts';

async function openQueues() {
  const store = await startObjectStore(undefined);
  const queues = await startQueues(store);
  onTestFinished(async () => {
    queues.close();
    await store.close();
  });
  const send = (body: string, group: string) =>
    queues.client.send(
      new SendMessageCommand({
        QueueUrl: queues.deliveriesUrl,
        MessageBody: body,
        MessageGroupId: group,
        MessageDeduplicationId: body,
      }),
    );
  return { queues, send };
}

/** Resolves with the bodies once so many have come; `fails` says which are to be handed back. */
function collect(count: number, fails: (body: string) => boolean = () => false) {
  const bodies: string[] = [];
  const { promise, resolve } = Promise.withResolvers<string[]>();
  const invoke = async (event: SQSEvent) => {
    bodies.push(...event.Records.map(({ body }) => body));
    if (bodies.length >= count) resolve(bodies);
    const failed = event.Records.filter(({ body }) => fails(body));
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
  return { invoke, promise };
}

describe('consumeQueue', () => {
  it('makes events of messages, each group in its order', async () => {
    const { queues, send } = await openQueues();
    const { invoke, promise } = collect(4);
    for (const body of ['a1', 'a2', 'a3']) await send(body, 'a');
    await send('b1', 'b');
    const consumer = consumeQueue({
      client: queues.client,
      queueUrl: queues.deliveriesUrl,
      ...{ invoke, consumers: 4, onError: () => {} },
    });
    onTestFinished(() => consumer.stop());
    const bodies = await promise;
    expect(bodies.filter((body) => body.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
    expect(bodies).toContain('b1');
  });

  it('goes on after the function has thrown, and tells of it', async () => {
    const { queues, send } = await openQueues();
    const failed = Promise.withResolvers<unknown>();
    const { invoke, promise } = collect(1);
    const consumer = consumeQueue({
      client: queues.client,
      queueUrl: queues.deliveriesUrl,
      consumers: 4,
      invoke: async (event) => {
        if (event.Records.some(({ body }) => body === 'poison')) throw new Error('poison');
        return invoke(event);
      },
      onError: failed.resolve,
    });
    onTestFinished(() => consumer.stop());
    await send('poison', 'a');
    expect(await failed.promise).toMatchObject({ message: 'poison' });
    await send('wholesome', 'b');
    expect(await promise).toEqual(['wholesome']);
  });
});
