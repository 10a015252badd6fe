import { describe, expect, it } from 'vitest';
import { acknowledged, assignment, createMembership, refusal, registered } from './membership-fixture.ts';

const verbs = ({ registry }: ReturnType<typeof createMembership>) => registry.calls.map(({ verb }) => verb);

describe('registration', () => {
  it('registration is tried again with growing waits while the control plane is down', async () => {
    const world = createMembership();
    world.register.next(
      new TypeError('fetch failed'),
      refusal(503, 'INTERNAL_ERROR'),
      refusal(401, 'UNAUTHORIZED'),
    );
    const waits: number[] = [];
    let wait = world.clock.nextWait();
    const membership = world.join();
    for (let round = 0; round < 3; round += 1) {
      const ms = await wait;
      waits.push(ms);
      wait = world.clock.nextWait();
      world.clock.advance(ms);
    }
    await world.heartbeat.calls(1);
    expect(waits).toEqual([500, 1000, 2000]);
    expect(world.lease.isHeld()).toBe(true);
    await membership.stop();
  });

  it('registration restores what is assigned and reports how that went, without holding up heartbeats', async () => {
    const world = createMembership();
    world.register.next(registered([assignment('ada-one'), assignment('ada-two')]));
    world.registry.converged = () => [
      { sessionId: 'ada-one', status: 'recovered' },
      { sessionId: 'ada-two', status: 'failed', error: 'x'.repeat(900) },
    ];
    const membership = world.join();
    await Promise.all([world.heartbeat.calls(1), world.recovery.calls(1)]);
    expect(world.recovery.requests[0]).toEqual({
      params: { workerId: 'worker-001' },
      body: {
        sessions: [
          { sessionId: 'ada-one', status: 'recovered' },
          { sessionId: 'ada-two', status: 'failed', error: 'x'.repeat(500) },
        ],
      },
    });
    await membership.stop();
  });
});

describe('heartbeats', () => {
  it('heartbeats follow the interval the control plane asks for, and carry its generation', async () => {
    const world = createMembership();
    world.heartbeat.next(acknowledged({ lease: { ttlMs: 90_000, intervalMs: 3000, generation: 7 } }));
    const wait = world.clock.nextWait();
    const membership = world.join();
    expect(await wait).toBe(3000);
    world.clock.advance(3000);
    await world.heartbeat.calls(2);
    expect(world.heartbeat.requests[1]).toMatchObject({ body: { generation: 7, status: 'ONLINE' } });
    await membership.stop();
  });

  it('heartbeats hand the assignments of their answers to the registry', async () => {
    const world = createMembership();
    world.heartbeat.next(acknowledged({ assignedSessions: [assignment('ada-one', 3)] }));
    const converged = new Promise<void>((resolve) => {
      world.registry.onCall = () => {
        if (world.registry.calls.length === 2) resolve();
      };
    });
    const membership = world.join();
    await converged;
    expect(world.registry.calls.at(-1)).toEqual({ verb: 'converge', args: [[assignment('ada-one', 3)]] });
    await membership.stop();
  });

  it('heartbeats come at once when asked for a report', async () => {
    const world = createMembership();
    world.heartbeat.next(acknowledged({ commands: ['report_now'] }));
    const wait = world.clock.nextWait();
    const membership = world.join();
    expect(await wait).toBeLessThan(1000);
    await membership.stop();
  });

  it('heartbeats drain on command, say so, and resume when the control plane calls it off', async () => {
    const world = createMembership();
    world.heartbeat.next(acknowledged({ commands: ['drain'], workerStatus: 'DRAINING' }), acknowledged());
    const wait = world.clock.nextWait();
    const membership = world.join();
    const ms = await wait;
    expect(world.lifecycle.status).toBe('DRAINING');
    const next = world.clock.nextWait();
    world.clock.advance(ms);
    await next;
    expect(world.heartbeat.requests[1]).toMatchObject({ body: { status: 'DRAINING' } });
    expect(world.lifecycle.status).toBe('ONLINE');
    await membership.stop();
  });

  it('heartbeats pass on the wish for a fresh version of WhatsApp Web', async () => {
    const refreshed = Promise.withResolvers<void>();
    const world = createMembership({ onRefreshVersion: refreshed.resolve });
    world.heartbeat.next(acknowledged({ commands: ['refresh_version'] }));
    const membership = world.join();
    await refreshed.promise;
    await membership.stop();
  });
});

describe('a lost lease', () => {
  it('a lost lease closes everything and registers anew under another boot id when fenced', async () => {
    const world = createMembership();
    world.heartbeat.next(refusal(409, 'FENCED'));
    const membership = world.join();
    await world.register.calls(2);
    expect(verbs(world)).toContain('fence');
    const boots = world.register.requests.map(
      (request) => (request as { body: { bootId: string } }).body.bootId,
    );
    expect(boots[0]).not.toBe(boots[1]);
    await membership.stop();
  });

  it('a lost lease is noticed at its very end while heartbeats fail, and not before', async () => {
    const world = createMembership();
    for (let index = 0; index < 100; index += 1) world.heartbeat.next(new TypeError('fetch failed'));
    let wait = world.clock.nextWait();
    const membership = world.join();
    let passed = 0;
    while (!verbs(world).includes('fence') && passed < 200_000) {
      const ms = await Promise.race([wait, world.register.calls(2).then(() => undefined)]);
      if (ms === undefined) break;
      expect(world.lease.isHeld()).toBe(true);
      wait = world.clock.nextWait();
      passed += ms;
      world.clock.advance(ms);
    }
    expect(passed).toBe(90_000);
    await world.register.calls(2);
    expect(verbs(world)).toContain('fence');
    await membership.stop();
  });

  it('a lost lease survives heartbeats that fail for less than its time', async () => {
    const world = createMembership();
    world.heartbeat.next(new TypeError('fetch failed'), new TypeError('fetch failed'));
    let wait = world.clock.nextWait();
    const membership = world.join();
    for (let round = 0; round < 2; round += 1) {
      const ms = await wait;
      wait = world.clock.nextWait();
      world.clock.advance(ms);
    }
    await wait;
    expect(world.lease.remainingMs()).toBe(90_000);
    expect(verbs(world)).not.toContain('fence');
    await membership.stop();
  });
});
