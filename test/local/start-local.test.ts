import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseLocalEnv } from '../../local/env.ts';
import type { LocalRuntime } from '../../local/local-runtime.ts';
import { startLocal } from '../../local/start-local.ts';
import { createClient } from '../../shared/contract/client.ts';
import { controlRoutes } from '../../shared/control-routes.ts';

const start = (change: Partial<Parameters<typeof startLocal>[0]> = {}) =>
  startLocal({
    env: parseLocalEnv({ WORKER_AUTH_TOKEN: 'the-token-of-workers' }),
    stateDir: undefined,
    fresh: false,
    live: false,
    workers: 1,
    ports: { gateway: 0, firstWorker: 0, sandboxControl: 0 },
    show: () => {},
    ...change,
  });

/** Once resolved, watches a server's process: `end` resolves when it has gone. */
async function watch(endpoint: string): Promise<{ end: Promise<void> }> {
  const { hostname, port } = new URL(endpoint);
  const socket = connect({ host: hostname, port: Number(port) });
  await once(socket, 'connect');
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.resume().on('error', () => {});
  socket.on('close', () => resolve());
  return { end: promise };
}

let runtime: LocalRuntime;
beforeAll(async () => {
  runtime = await start();
});
afterAll(() => runtime.close());

describe('the local runtime', () => {
  it('the local runtime is ready once it has started: a worker has registered', async () => {
    const response = await fetch(`${runtime.url}/api/v1/health?ready=1`);
    expect(response.status).toBe(200);
  });

  it('the local runtime stands on loopback only, and tells where', async () => {
    const { data } = await createClient(controlRoutes, { baseUrl: runtime.url }).getConfig({});
    expect(data).toMatchObject({ websocketUrl: runtime.websocketUrl, network: 'sandbox' });
    for (const url of [runtime.url, runtime.websocketUrl, String(runtime.sandboxControlUrl)])
      expect(new URL(url).hostname).toBe('127.0.0.1');
  });

  it('the local runtime shows a page with links at its root', async () => {
    const page = await (await fetch(runtime.url)).text();
    expect(page).toContain('/api/v1/openapi.json');
    expect(page).toContain('npm run demo');
  });

  it('the local runtime answers unknown paths and wrong methods in the gateway’s shape', async () => {
    const unknown = await fetch(`${runtime.url}/api/v1/nothing`);
    expect([unknown.status, await unknown.json()]).toEqual([
      404,
      expect.objectContaining({ code: 'NOT_FOUND' }),
    ]);
    const wrong = await fetch(`${runtime.url}/api/v1/config`, { method: 'DELETE' });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET']);
  });

  it('the local runtime has an administrator who can log in', async () => {
    expect(await runtime.adminToken()).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  });

  it('the local runtime starts a dead worker again, at the same address, and the control plane takes it back', async () => {
    const [before] = runtime.workers;
    const fencing = vi.spyOn(runtime.deps.stores.workers, 'fence');
    const back = runtime.workerRegistered('local-worker-1');
    await runtime.killWorker(0);
    await back;
    expect(fencing).toHaveBeenCalledWith(expect.objectContaining({ workerId: 'local-worker-1' }), 'dead');
    const [after] = runtime.workers;
    expect(after?.endpoint).toBe(before?.endpoint);
    expect(after?.pid).not.toBe(before?.pid);
  });
});

describe('starting', () => {
  it('starting names a port that is taken, and leaves nothing behind', async () => {
    const gateway = Number(new URL(runtime.url).port);
    const failed = start({ ports: { gateway, firstWorker: 0, sandboxControl: 0 } });
    await expect(failed).rejects.toMatchObject({ code: 'EADDRINUSE', port: gateway });
  });

  it('starting names a port of the sandbox that is taken', async () => {
    const sandboxControl = Number(new URL(String(runtime.sandboxControlUrl)).port);
    const failed = start({ ports: { gateway: 0, firstWorker: 0, sandboxControl } });
    await expect(failed).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('ending', () => {
  it('ending ends workers with it', async () => {
    const other = await start({ workers: 2 });
    const watched = await Promise.all(other.workers.map(({ endpoint }) => watch(endpoint)));
    await other.close();
    await Promise.all(watched.map(({ end }) => end));
    await expect(fetch(`${other.url}/api/v1/health`)).rejects.toThrow();
  });
});
