import { afterEach, expect, it } from 'vitest';
import { kill, moves } from '../../testing/fleet/scenarios.ts';
import { type Fleet, startFleet } from '../../testing/fleet/start-fleet.ts';

let fleet: Fleet;
afterEach(() => fleet.close());

const NOTHING_LOST = { failed: 0, lostOut: 0, lostIn: 0 };

it('moves live sessions without a second login, though answers and reports come late', {
  timeout: 300_000,
}, async () => {
  fleet = await startFleet({ workers: 2, sessions: 2 });
  expect(await moves(fleet, 5)).toMatchObject({
    secondLogins: 0,
    replaced: 0,
    decryptionFailures: 0,
    traffic: NOTHING_LOST,
  });
});

it('brings the sessions of a killed worker back elsewhere, with nothing lost and no send failed', {
  timeout: 300_000,
}, async () => {
  fleet = await startFleet({ workers: 2, sessions: 3 });
  expect(await kill(fleet)).toMatchObject({ replaced: 0, decryptionFailures: 0, traffic: NOTHING_LOST });
});
