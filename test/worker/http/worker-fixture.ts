import { once } from 'node:events';
import { pino } from 'pino';
import { createApp } from '../../../worker/http/create-app.ts';
import { Lifecycle } from '../../../worker/http/lifecycle.ts';
import { listen } from '../../../worker/http/listen.ts';
import { createMetrics } from '../../../worker/http/metrics.ts';
import { type ByteBudget, createMediaBudget } from '../../../worker/sessions/byte-budget.ts';
import { FakeRegistry } from './fake-registry.ts';

export const TOKEN = 'token-of-this-test';
export const PREVIOUS_TOKEN = 'token-before-rotation';

/** A worker's HTTP edge on a free port, over a registry without WhatsApp. */
export async function startEdge(options: { maxInFlight?: number; budget?: ByteBudget } = {}) {
  const registry = new FakeRegistry();
  const lifecycle = new Lifecycle();
  const logLines: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => void logLines.push(line) });
  const app = createApp({
    registry,
    lifecycle,
    logger,
    metrics: createMetrics(registry, undefined),
    readLoad: () => ({ cpuUsage: 12.5, memoryUsage: 30 }),
    info: {
      workerId: 'worker-001',
      version: '1.0.0',
      environment: 'TESTING',
      capabilities: ['text'],
      baileysVersion: '7.0.0-rc14',
    },
    budget: createMediaBudget(2 ** 30),
    tokens: [TOKEN, PREVIOUS_TOKEN],
    ...options,
  });
  const { server, port } = await listen(app, { host: '127.0.0.1', port: 0 });
  const request = (method: string, path: string, init: RequestInit & { token?: string | null } = {}) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...init,
      headers: {
        ...(init.token === null ? {} : { authorization: `Bearer ${init.token ?? TOKEN}` }),
        ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...init.headers,
      },
    });
  const stop = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return { registry, lifecycle, logLines, port, request, stop };
}
