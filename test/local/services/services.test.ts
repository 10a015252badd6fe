import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { startObjectStore } from '../../../local/services/start-object-store.ts';
import { startQueues } from '../../../local/services/start-queues.ts';
import { assertPortsFree, startServer, stopServer } from '../../../local/services/start-server.ts';
import { startTable } from '../../../local/services/start-table.ts';
import { openTable } from '../../../shared/table/table.ts';
import { createTableClient } from '../../../shared/table/table-client.ts';
import { temporaryFolder } from '../temporary-folder.ts';

describe('the table', () => {
  it('keeps items over a restart', async () => {
    const path = join(temporaryFolder(), 'table');
    const item = { pk: 'A', sk: 'B', value: 5 };
    const first = await startTable(path);
    const writer = createTableClient({ region: 'us-east-1', endpoint: first.endpoint });
    await openTable(writer, first.tableName).put(item);
    writer.destroy();
    await first.close();
    const second = await startTable(path);
    onTestFinished(() => second.close());
    const reader = createTableClient({ region: 'us-east-1', endpoint: second.endpoint });
    onTestFinished(() => reader.destroy());
    expect(await openTable(reader, second.tableName).get(item, z.looseObject({}))).toEqual(item);
  });

  it('rejects a damaged store, instead of taking the process down', async () => {
    const path = join(temporaryFolder(), 'table');
    await (await startTable(path)).close();
    writeFileSync(join(path, 'CURRENT'), 'garbage');
    await expect(startTable(path)).rejects.toThrow();
  });
});

describe('the object store', () => {
  const clientOf = (store: Awaited<ReturnType<typeof startObjectStore>>) => {
    const { accessKeyId, secretAccessKey, endpoint, region } = store;
    const client = new S3Client({
      endpoint,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
    });
    onTestFinished(() => client.destroy());
    return client;
  };

  it('keeps objects over a restart, byte for byte', async () => {
    const folder = join(temporaryFolder(), 'objects');
    const body = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);
    const first = await startObjectStore(folder);
    await clientOf(first).send(
      new PutObjectCommand({ Bucket: first.bucket, Key: 'sessions/a/log-1', Body: body }),
    );
    await first.close();
    const second = await startObjectStore(folder);
    onTestFinished(() => second.close());
    const { Body } = await clientOf(second).send(
      new GetObjectCommand({ Bucket: second.bucket, Key: 'sessions/a/log-1' }),
    );
    expect(Buffer.compare((await Body?.transformToByteArray()) ?? new Uint8Array(), body)).toBe(0);
  });

  it('rejects a damaged store', async () => {
    const folder = join(temporaryFolder(), 'objects');
    await (await startObjectStore(folder)).close();
    writeFileSync(join(folder, 'fauxqs.db'), 'garbage, and more than a header of it');
    await expect(startObjectStore(folder)).rejects.toThrow();
  });

  it('listens on loopback only', async () => {
    const store = await startObjectStore(undefined);
    onTestFinished(() => store.close());
    expect(new URL(store.endpoint).hostname).toBe('127.0.0.1');
  });
});

describe('the queues', () => {
  it('keep their messages and what they are told over a restart on another port', async () => {
    const folder = join(temporaryFolder(), 'objects');
    const start = async () => {
      const store = await startObjectStore(folder);
      const queues = await startQueues(store);
      const close = async () => {
        queues.close();
        await store.close();
      };
      return { queues, close };
    };
    const first = await start();
    const { deliveriesUrl: QueueUrl } = first.queues;
    const message = {
      MessageGroupId: 'a',
      MessageDeduplicationId: 'b',
      MessageBody: 'what was not delivered',
    };
    await first.queues.client.send(new SendMessageCommand({ QueueUrl, ...message }));
    await first.close();

    const { queues, close } = await start();
    onTestFinished(close);
    expect(queues.deliveriesUrl).toContain(queues.endpoint);
    const received = await queues.client.send(new ReceiveMessageCommand({ QueueUrl: queues.deliveriesUrl }));
    expect(received.Messages).toMatchObject([{ Body: message.MessageBody }]);
    const { Attributes } = await queues.client.send(
      new GetQueueAttributesCommand({ QueueUrl: queues.deliveriesUrl, AttributeNames: ['All'] }),
    );
    expect(Attributes).toMatchObject({
      VisibilityTimeout: '90',
      RedrivePolicy: expect.stringContaining('dead'),
    });
  });
});

it('names the port that is taken', async () => {
  const server = createServer();
  const port = await startServer(server, 0);
  onTestFinished(() => stopServer(server));
  await expect(assertPortsFree([0, port])).rejects.toMatchObject({ code: 'EADDRINUSE', port });
});
