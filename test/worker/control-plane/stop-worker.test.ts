import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { stopWorker } from '../../../worker/control-plane/stop-worker.ts';
import { Lifecycle } from '../../../worker/http/lifecycle.ts';
import { FakeRegistry } from '../http/fake-registry.ts';
import { refusal } from './membership-fixture.ts';

function createWorld(release: () => Promise<void> = async () => {}) {
  const steps: string[] = [];
  const registry = new FakeRegistry();
  for (const sessionId of ['ada-one', 'ada-two'])
    registry.sessions.set(sessionId, {
      sessionId,
      status: 'connected',
      phoneNumber: null,
      lastActivity: null,
    });
  const answer = <T>(data: T) => ({ status: 200, data, headers: new Headers() });
  const deps = {
    server: {
      close() {
        steps.push('stop listening');
        return this as never;
      },
      closeIdleConnections() {},
    },
    lifecycle: new Lifecycle(),
    registry,
    protection: { end: async () => void steps.push('take protection away') },
    controlPlane: {
      workerId: 'worker-001',
      membership: { bootId: 'boot-1', stop: async () => void steps.push('stop heartbeats') },
      client: {
        releaseSession: async ({ body }: { body: { sessionId: string; epoch: number } }) => {
          steps.push(`release ${body.sessionId}`);
          await release();
          return answer({ sessionId: body.sessionId, placed: true });
        },
        unregisterSelf: async ({ body }: { body: { bootId?: string | undefined } }) => {
          steps.push(`unregister ${body.bootId}`);
          return answer({ workerId: 'worker-001', migrated: 2, pending: 0 });
        },
      },
    },
    logger: pino({ level: 'silent' }),
  };
  return { steps, deps };
}

const EXPECTED = [
  'release ada-one',
  'release ada-two',
  'stop heartbeats',
  'unregister boot-1',
  'stop listening',
  'take protection away',
];

describe('stopWorker', () => {
  it('hands sessions over one by one under the lease, then leaves', async () => {
    const { steps, deps } = createWorld();
    await stopWorker(deps);
    expect(steps).toEqual(EXPECTED);
    expect(deps.lifecycle.stopping).toBe(true);
  });

  it('goes on when the control plane is away or knows another owner', async () => {
    for (const thrown of [new TypeError('fetch failed'), refusal(409, 'STALE_OWNER')]) {
      const { steps, deps } = createWorld(async () => {
        throw thrown;
      });
      await stopWorker(deps);
      expect(steps).toEqual(EXPECTED);
    }
  });

  it('closes its sessions and tells nobody when it stands alone', async () => {
    const { steps, deps } = createWorld();
    await stopWorker({ ...deps, controlPlane: undefined });
    expect(steps).toEqual(['stop listening', 'take protection away']);
    expect(deps.registry.calls.map(({ verb }) => verb)).toEqual(['shutdown']);
  });
});
