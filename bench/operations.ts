import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeResult } from '../infra/write-result.ts';
import { showHelp } from '../shared/program/show-help.ts';
import { linkSession, startGateway } from '../testing/harness/gateway.ts';
import { startWebhookReceiver } from '../testing/harness/webhook-receiver.ts';

showHelp(`Counts what messages and idle time cost in operations: requests that reach the gateway, and its calls to AWS.

  node bench/operations.ts

Takes two minutes, prints what it counted, and writes bench/results/operations.json. The cost model reads that file: put
the tables of npm run cost into docs/cost.md afterwards, a test holds the page against it.`);

// The handlers run in this process, so all of that passes here. Objects that workers write are counted by `bench/auth/`.

const MESSAGES = 10;
const IDLE_MS = 30_000;
/** For what follows a message: receipts, reports, pushes. */
const SETTLE_MS = 5_000;

let counts: Record<string, number> = {};
const count = (what: string) => {
  counts[what] = (counts[what] ?? 0) + 1;
};

subscribe('http.client.request.created', (message) => {
  const { request } = message as { request: ClientRequest };
  const target = String(request.getHeader('x-amz-target') ?? '');
  const [service = '', action = ''] = target.split('.');
  if (service.startsWith('DynamoDB')) count(`DynamoDB ${action}`);
  else if (service === 'AmazonSQS') count(`SQS ${action}`);
  else if (request.path.includes('/@connections/')) count('WebSocket post');
});
subscribe('http.server.request.start', (message) => {
  const { request } = message as { request: IncomingMessage };
  const path = (request.url ?? '').split('?')[0] ?? '';
  if (!path.includes('/@connections/'))
    count(`HTTP ${request.method} ${path.replace(/\/[\w-]*\d[\w-]*/g, '/*')}`);
});

async function during(what: string, run: () => Promise<unknown>): Promise<Record<string, number>> {
  await sleep(SETTLE_MS);
  counts = {};
  await run();
  const taken = Object.fromEntries(Object.entries(counts).sort(([a], [b]) => a.localeCompare(b)));
  console.log(what, taken);
  return taken;
}
const OWN = '6281200000001';
const FRIEND = '6281200000002';

/** Operations of ten messages each way and of half a minute in which nothing happens, with one session and one browser. */
async function measure() {
  const gateway = await startGateway();
  const receiver = await startWebhookReceiver();
  try {
    const { sandbox } = gateway;
    const tenant = await gateway.signUp('ada');
    await sandbox.addContact({ number: FRIEND, name: 'Grace' });
    await tenant.api.createWebhook({ body: { url: receiver.url, events: ['message.received'] } });
    const { sessionId, live } = await linkSession(gateway, tenant, OWN);
    const sendOne = async (message: string) => {
      const body = { to: FRIEND, type: 'text', message } as const;
      const { data } = await tenant.api.sendMessage({ params: { sessionId }, body });
      await live.waitFor(
        'message_status_update',
        ({ messageId, status }) => messageId === data.messageId && status === 'read',
      );
    };
    const receiveOne = async (text: string) => {
      await sandbox.send(FRIEND, { to: OWN, text });
      await receiver.next(({ body }) => body.includes(`"${text}"`));
    };
    const repeat = async (one: (text: string) => Promise<unknown>) => {
      for (let index = 0; index < MESSAGES; index += 1) await one(`text number ${index}`);
      await sleep(SETTLE_MS);
    };
    // What a first message has to look up, later ones know.
    await sendOne('warm');
    await receiveOne('warm up');
    return {
      idle: await during(`${IDLE_MS / 1_000} s idle`, () => sleep(IDLE_MS)),
      sent: await during(`${MESSAGES} sent, delivered, read`, () => repeat(sendOne)),
      received: await during(`${MESSAGES} received, delivered to a webhook`, () => repeat(receiveOne)),
    };
  } finally {
    await gateway.close();
    await receiver.close();
  }
}

writeResult('operations', { messages: MESSAGES, idleMs: IDLE_MS, ...(await measure()) });
process.exit();
