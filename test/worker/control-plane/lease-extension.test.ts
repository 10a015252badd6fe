import { describe, expect, it } from 'vitest';
import { isOutage } from '../../../worker/control-plane/extend-lease.ts';
import { createMembership, LEASE, refusal, registered } from './membership-fixture.ts';

const OVER_BUCKET = { ...registered(), lease: { ...LEASE, overBucket: true } };

/** A bucket that takes every write, or none. */
function createBucket(takes: (signal: AbortSignal | undefined) => Promise<void> = async () => {}) {
  const written: { key: string; body: unknown }[] = [];
  return {
    written,
    bucket: {
      name: 'gateway',
      store: {
        put: async (key: string, body: Uint8Array, { signal }: { signal?: AbortSignal } = {}) => {
          await takes(signal);
          written.push({ key, body: JSON.parse(Buffer.from(body).toString('utf8')) });
        },
      },
    },
  };
}

type World = ReturnType<typeof createMembership>;

/** Lets time pass while nothing but failures answers the heartbeats. */
async function outage(world: World, failure: Error, lengthMs: number): Promise<number> {
  for (let index = 0; index < 1000; index += 1) world.heartbeat.next(failure);
  let wait = world.clock.nextWait();
  const membership = world.join();
  let passed = 0;
  while (passed < lengthMs) {
    const ms = await Promise.race([wait, world.register.calls(2).then(() => undefined)]);
    if (ms === undefined) break;
    wait = world.clock.nextWait();
    passed += ms;
    world.clock.advance(ms);
  }
  await membership.stop();
  return passed;
}

const fenced = ({ registry }: World) => registry.calls.some(({ verb }) => verb === 'fence');

describe('while the control plane is down for longer than a lease', () => {
  it('sockets stay open, by writes into the bucket that name this process', async () => {
    const { bucket, written } = createBucket();
    const world = createMembership({ bucket });
    world.register.next(OVER_BUCKET);
    const passed = await outage(world, new TypeError('fetch failed'), 600_000);
    expect(passed).toBeGreaterThanOrEqual(600_000);
    expect(fenced(world)).toBe(false);
    const { bootId } = (world.register.requests[0] as { body: { bootId: string } }).body;
    expect(new Set(written.map(({ key }) => key))).toEqual(new Set(['workers/worker-001/alive']));
    expect(written[0]?.body).toEqual({ bootId, generation: 1 });
    expect(written.length).toBeLessThanOrEqual(passed / LEASE.intervalMs + 1);
  });

  it.each([
    ['the control plane does not read this bucket', {}, registered(), new TypeError('fetch failed')],
    ['the bucket cannot be written either', { broken: true }, OVER_BUCKET, new TypeError('fetch failed')],
    ['the control plane answers, and refuses', {}, OVER_BUCKET, refusal(401, 'UNAUTHORIZED')],
  ])(
    'everything is closed at the end of the lease where %s',
    async (_, { broken }: { broken?: boolean }, answer, failure) => {
      const { bucket } = createBucket(broken ? () => Promise.reject(new Error('no bucket')) : undefined);
      const world = createMembership({ bucket });
      world.register.next(answer);
      expect(await outage(world, failure, 600_000)).toBe(LEASE.ttlMs);
      expect(fenced(world)).toBe(true);
    },
  );

  it('a write that is acknowledged after the lease was over extends nothing', async () => {
    const late: { world?: World } = {};
    // Past the end of the lease as it was when the write was sent, and short of what the write would make of it.
    const { bucket } = createBucket(async () =>
      late.world?.clock.advance(late.world.lease.remainingMs() + 1),
    );
    const world = createMembership({ bucket });
    late.world = world;
    world.register.next(OVER_BUCKET);
    await outage(world, new TypeError('fetch failed'), 600_000);
    expect(fenced(world)).toBe(true);
  });
});

it.each([
  [new TypeError('fetch failed'), true],
  [refusal(503, 'INTERNAL_ERROR'), true],
  [refusal(429, 'RATE_LIMITED'), true],
  [refusal(401, 'UNAUTHORIZED'), false],
  [refusal(400, 'VALIDATION_ERROR'), false],
])('calls %s an outage: %s', (thrown, outageOrNot) => {
  expect(isOutage(thrown)).toBe(outageOrNot);
});
