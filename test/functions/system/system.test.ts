import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { controlRoutes } from '../../../shared/control-routes.ts';
import { type ControlPlane, startControlPlane } from '../../../testing/control-plane/control-plane.ts';
import { registerWorker } from '../../../testing/control-plane/scenario.ts';

let plane: ControlPlane;
beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(() => plane.close());

describe('the control plane', () => {
  it('the control plane tells front ends what they need', async () => {
    expect((await plane.call('GET', '/api/v1/config')).data).toEqual({
      ...{
        version: '1.2.3',
        websocketUrl: 'ws://127.0.0.1:1/ws',
        environment: 'DEVELOPMENT',
        network: 'sandbox',
      },
    });
  });

  it('the control plane is healthy by itself, ready once a worker lives, and not after its lease', async () => {
    const ready = () => plane.call('GET', '/api/v1/health', { query: { ready: '1' } });
    expect(await plane.call('GET', '/api/v1/health')).toMatchObject({ status: 200, data: { status: 'ok' } });
    expect(await ready()).toMatchObject({ status: 503, code: 'NO_WORKER_AVAILABLE' });
    await registerWorker(plane, { workerId: 'w', endpoint: 'http://10.0.0.1:1' });
    expect(await ready()).toMatchObject({ status: 200 });
    plane.clock.now += 101_000;
    expect(await ready()).toMatchObject({ status: 503 });
  });

  it('the control plane describes all it does', async () => {
    const { status, headers, text } = await plane.call('GET', '/api/v1/openapi.json');
    expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
    const { openapi, info, paths } = JSON.parse(text);
    expect([openapi, info.version]).toEqual(['3.1.0', '1.2.3']);
    expect(Object.keys(paths).sort()).toEqual(
      [...new Set(controlRoutes.map(({ path }) => path as string))].sort(),
    );
  });
});
