import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { describe, expect, it, onTestFinished } from 'vitest';
import { consumeQueue } from '../../../local/control-plane/consume-queue.ts';
import { startObjectStore } from '../../../local/services/start-object-store.ts';
import { startQueues } from '../../../local/services/start-queues.ts';
import { openReceivedMessages } from '../../../shared/queue/received-messages.ts';
import { temporaryFolder } from '../temporary-folder.ts';

async function openQueues(folder?: string) {
  const store = await startObjectStore(folder);
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

  it('takes on another batch while one is still at work', async () => {
    const { queues, send } = await openQueues();
    const slow = Promise.withResolvers<void>();
    const second = Promise.withResolvers<string>();
    const begun = Promise.withResolvers<void>();
    const consumer = consumeQueue({
      client: queues.client,
      queueUrl: queues.deliveriesUrl,
      consumers: 2,
      invoke: async ({ Records: [record] }) => {
        if (record?.body === 'slow') {
          begun.resolve();
          await slow.promise;
        } else second.resolve(record?.body ?? '');
        return { batchItemFailures: [] };
      },
      onError: () => {},
    });
    onTestFinished(() => consumer.stop());
    await send('slow', 'a');
    await begun.promise;
    await send('quick', 'b');
    expect(await second.promise).toBe('quick');
    slow.resolve();
  });

  it('lets nothing new begin once it is told to stop', async () => {
    const { queues, send } = await openQueues();
    const begun = Promise.withResolvers<() => number>();
    const end = Promise.withResolvers<void>();
    const consumer = consumeQueue({
      client: queues.client,
      queueUrl: queues.deliveriesUrl,
      consumers: 2,
      invoke: async (_, remainingMs) => {
        begun.resolve(remainingMs);
        await end.promise;
        return { batchItemFailures: [] };
      },
      onError: () => {},
    });
    await send('one', 'a');
    const remainingMs = await begun.promise;
    expect(remainingMs()).toBeGreaterThan(0);
    const stopped = consumer.stop();
    expect(remainingMs()).toBe(0);
    end.resolve();
    await stopped;
  });
});

it('what is put back at once is handed over again, also by queues on disk', async () => {
  const { queues, send } = await openQueues(temporaryFolder());
  const received = openReceivedMessages(queues.client, queues.deliveriesUrl);
  const take = async () => {
    const command = { QueueUrl: queues.deliveriesUrl, WaitTimeSeconds: 5 };
    const { Messages = [] } = await queues.client.send(new ReceiveMessageCommand(command));
    return Messages;
  };
  await send('one', 'a');
  const [first] = await take();
  await received.postpone([first?.ReceiptHandle ?? ''], 0);
  const [again] = await take();
  expect(again?.Body).toBe('one');
});
