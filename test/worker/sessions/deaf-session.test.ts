import { afterEach, expect, test } from 'vitest';
import { type Bench, FRIEND_JID, PHONE, SESSION, startLinked } from './testing/start-bench.ts';

let bench: Bench;
afterEach(() => bench.close());

test('a session that has gone deaf gets a new connection', async () => {
  const started = await startLinked({
    settings: { ackTimeoutMs: 60_000, probe: { intervalMs: 100, timeoutMs: 2_000 } },
  });
  bench = started.bench;
  const { sink, registry } = started.worker;
  const mark = sink.reports.length;
  await bench.sandbox.addFault({ kind: 'deaf', account: PHONE });
  await sink.status('reconnecting', mark);
  await sink.status('connected', mark);
  expect(await registry.send(SESSION, { to: FRIEND_JID, type: 'text', message: 'Heard' })).toMatchObject({
    status: 'sent',
  });
});
