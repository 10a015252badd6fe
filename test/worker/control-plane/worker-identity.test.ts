import { describe, expect, it } from 'vitest';
import { deriveIdentity } from '../../../worker/control-plane/worker-identity.ts';
import { parseWorkerEnv } from '../../../worker/env.ts';

const env = (change: Record<string, string> = {}) =>
  parseWorkerEnv({ BACKEND_URL: 'http://127.0.0.1:8000', WORKER_AUTH_TOKEN: 'token', ...change });
const TASK = {
  TaskARN: 'arn:aws:ecs:eu-west-1:1234:task/gateway/0a1b2c',
  Containers: [{ Networks: [{ IPv4Addresses: ['10.0.0.5'] }] }],
};

describe('deriveIdentity', () => {
  it('deriveIdentity listens on loopback and says so, unless told otherwise', () => {
    const identity = deriveIdentity(env(), undefined);
    expect(identity.host).toBe('127.0.0.1');
    expect(identity.endpointAt(8123)).toBe('http://127.0.0.1:8123');
    expect(identity.workerId).toMatch(/^[a-z0-9-]+$/);
  });

  it('deriveIdentity is its ECS task, reached at the task’s private address', () => {
    const identity = deriveIdentity(env(), TASK);
    expect(identity).toMatchObject({ workerId: '0a1b2c', host: '0.0.0.0' });
    expect(identity.endpointAt(8001)).toBe('http://10.0.0.5:8001');
  });

  it('deriveIdentity listens on every interface when its endpoint is elsewhere', () => {
    const identity = deriveIdentity(env({ WORKER_ENDPOINT: 'https://worker.example.com/' }), undefined);
    expect(identity.host).toBe('0.0.0.0');
    expect(identity.endpointAt(8001)).toBe('https://worker.example.com');
  });

  it('deriveIdentity keeps the id it was given', () => {
    expect(deriveIdentity(env({ WORKER_ID: 'Worker_001' }), TASK).workerId).toBe('worker-001');
  });
});
