import { setTimeout as sleep } from 'node:timers/promises';
import { CountingStore } from '../../testing/storage/counting-store.ts';
import { MapStore } from '../../testing/storage/map-store.ts';
import { FRIEND, FRIEND_JID, PHONE, SESSION, startLinked } from '../../testing/worker/start-bench.ts';
import { silenceSignalLibrary } from '../../worker/whatsapp/workarounds/silence-signal-library.ts';
import { readFlags, report, round, untilQuiet } from './bench-kit.ts';

const flags = readFlags(
  `What messages cost that come one by one, with all that a worker writes of them: ratchets, reports, history.

  node bench/auth/sparse.ts [--messages 20] [--pauses 500,2500]

--pauses: ms between one message, read by its recipient, and the next.
`,
  { messages: '20', pauses: '500,2500' },
);
const messages = Number(flags.messages);
const pausesMs = flags.pauses.split(',').map(Number);

silenceSignalLibrary();
const store = new CountingStore(new MapStore());
const { bench, worker } = await startLinked({ store }, { linking: 'classic' });
const puts = () => store.putBytes.filter(({ key }) => key.includes('/auth/')).length;

async function send(text: string): Promise<void> {
  const { messageId } = await worker.registry.send(SESSION, { to: FRIEND_JID, type: 'text', message: text });
  await worker.sink.messageStatus(messageId, 'read');
}

async function receive(text: string): Promise<void> {
  const { ids } = await bench.sandbox.send(FRIEND, { to: PHONE, text });
  await worker.sink.event('message_received', ({ id }) => id === ids[0]);
}

async function costOf(one: (text: string) => Promise<void>, pauseMs: number): Promise<number> {
  await untilQuiet(store);
  store.resetCounts();
  for (let n = 0; n < messages; n++) {
    await one(`message ${n}`);
    await sleep(pauseMs);
  }
  await untilQuiet(store);
  return round(puts() / messages, 3);
}

await send('the first, which makes the Signal session');
await receive('the first of theirs');
const rows: { pauseMs: number; perSend: number; perReceive: number }[] = [];
for (const pauseMs of pausesMs)
  rows.push({ pauseMs, perSend: await costOf(send, pauseMs), perReceive: await costOf(receive, pauseMs) });
await report(
  'sparse',
  { messages, rows },
  rows.flatMap(({ pauseMs, perSend, perReceive }) => [
    { name: `PUTs per message sent, ${pauseMs} ms apart`, value: perSend, target: 1 },
    { name: `PUTs per message received, ${pauseMs} ms apart`, value: perReceive, target: 1 },
  ]),
);
await bench.close();
process.exit();
