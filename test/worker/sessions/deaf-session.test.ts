import { afterEach, expect, test } from 'vitest';
import { type Bench, FRIEND_JID, PHONE, SESSION, startLinked } from '../../../testing/worker/start-bench.ts';

let bench: Bench;
afterEach(() => bench.close());

test('a session that has gone deaf gets a new connection', async () => {
  const started = await startLinked({
    settings: { probe: { intervalMs: 100, timeoutMs: 2_000 } },
  });
  bench = started.bench;
  const { sink, registry } = started.worker;
  const mark = sink.reports.length;
  await bench.sandbox.addFault({ kind: 'deaf', account: PHONE });
  await sink.status('reconnecting', mark);
  await sink.status('connected', mark);
  // Where this process stood still for two seconds, a probe takes the new connection for deaf, too.
  const send = () =>
    registry.send(SESSION, { to: FRIEND_JID, type: 'text', message: 'Heard' }).then(
      ({ status }) => status,
      ({ code }) => code,
    );
  await expect.poll(send).toBe('sent');
});
