import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { protectTask, type TaskProtection } from '../../../worker/control-plane/task-protection.ts';
import { Lifecycle } from '../../../worker/http/lifecycle.ts';
import { FakeRegistry } from '../http/fake-registry.ts';
import { FakeClock } from './fake-clock.ts';

const PROTECTED = { ProtectionEnabled: true, ExpiresInMinutes: 60 };
const FREE = { ProtectionEnabled: false };

/** The ECS agent's endpoint, as it stands beside a task. */
async function startAgent() {
  const received: unknown[] = [];
  const answers: { status: number; body: object }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const isRight = request.method === 'PUT' && request.url === '/api/abc/task-protection/v1/state';
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      received.push(isRight ? body : `${request.method} ${request.url}`);
      const answer = answers.shift() ?? { status: 200, body: { protection: body } };
      response.writeHead(answer.status).end(JSON.stringify(answer.body));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    received,
    answers,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/abc`,
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

let agent: Awaited<ReturnType<typeof startAgent>>;
let clock: FakeClock;
let registry: FakeRegistry;
let lifecycle: Lifecycle;
let protection: TaskProtection | undefined;

beforeEach(async () => {
  agent = await startAgent();
  clock = new FakeClock();
  registry = new FakeRegistry();
  lifecycle = new Lifecycle();
});
afterEach(async () => {
  await protection?.end();
  protection = undefined;
  await agent.close();
});

const hold = (sessionId: string) =>
  registry.sessions.set(sessionId, { sessionId, status: 'connected', phoneNumber: null, lastActivity: null });

/** Starts, and resolves once what is due at the start has been done; answers the wait that follows. */
async function start(): Promise<number> {
  const wait = clock.nextWait();
  protection = protectTask({
    agentUrl: agent.url,
    registry,
    lifecycle,
    clock,
    logger: pino({ level: 'silent' }),
    random: () => 1,
  });
  return await wait;
}

/** Lets this time pass, and resolves once what became due has been done. */
async function pass(ms: number): Promise<number> {
  const wait = clock.nextWait();
  clock.advance(ms);
  return await wait;
}

describe('a task on ECS', () => {
  it('a task on ECS is protected while it has sessions, renewed before that ends, and free again once it is empty', async () => {
    let wait = await start();
    expect(agent.received).toEqual([FREE]);
    hold('ada-one');
    wait = await pass(wait);
    expect(agent.received).toEqual([FREE, PROTECTED]);
    for (let passed = 0; passed < 20 * 60_000; passed += wait) wait = await pass(wait);
    expect(agent.received).toEqual([FREE, PROTECTED, PROTECTED]);
    registry.sessions.clear();
    await pass(wait);
    expect(agent.received.at(-1)).toEqual(FREE);
  });

  it('a task on ECS is asked for nothing while nothing changes', async () => {
    hold('ada-one');
    let wait = await start();
    for (let round = 0; round < 20; round += 1) wait = await pass(wait);
    expect(agent.received).toEqual([PROTECTED]);
  });

  it.each([
    ['refuses', { status: 500, body: {} }],
    ['fails', { status: 200, body: { failure: { Arn: 'arn', Reason: 'DEPLOYMENT_BLOCKED', Detail: '' } } }],
  ])('a task on ECS tries again with growing waits where the agent %s', async (_, answer) => {
    agent.answers.push(answer, answer, answer);
    hold('ada-one');
    const waits = [await start()];
    while (waits.length < 4) waits.push(await pass(waits.at(-1) ?? 0));
    expect(waits).toEqual([1000, 2000, 4000, 5000]);
    expect(agent.received.at(-1)).toEqual(PROTECTED);
  });

  it('a task on ECS stays protected while it hands over, and is free at the end of it, sessions or none', async () => {
    hold('ada-one');
    const wait = await start();
    lifecycle.stop();
    await pass(wait);
    expect(agent.received).toEqual([PROTECTED]);
    await protection?.end();
    expect(agent.received).toEqual([PROTECTED, FREE]);
  });

  it('a task on ECS ends in order where the agent is gone', async () => {
    hold('ada-one');
    await start();
    await agent.close();
    await expect(protection?.end()).resolves.toBeUndefined();
  });
});
