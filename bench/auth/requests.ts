import {
  arrivals,
  FRIEND,
  FRIEND_JID,
  linkClient,
  readFlags,
  reopenClient,
  report,
  round,
  startBenchSandbox,
  untilQuiet,
} from './bench-kit.ts';

const { messages } = readFlags(
  `What a session asks of its storage: per link, send, receive and restore.

  node bench/auth/requests.ts [--messages 200]
`,
  { messages: '200' },
);
const count = Number(messages);
const sandbox = await startBenchSandbox();

const linked = await linkClient(sandbox, { variant: 'journal' });
const { store, client, number } = linked;
await untilQuiet(store);
const link = { ...store.counts };

await client.send(FRIEND_JID, 'the first, which makes the Signal session', 'WARM-1');
await untilQuiet(store);
store.resetCounts();
for (let n = 0; n < count; n++) await client.send(FRIEND_JID, `message ${n}`, `SEND-${n}`);
await untilQuiet(store);
const send = { ...store.counts };
const sendPuts = [...store.putBytes];

store.resetCounts();
for (let n = 0; n < count; n++) {
  const arrived = arrivals(client, `RECEIVE-${n}`, 1);
  await sandbox.verbs.send(FRIEND, { to: number, text: `message ${n}`, id: `RECEIVE-${n}` });
  await arrived;
}
await untilQuiet(store);
const receive = { ...store.counts };

await client.close();
store.resetCounts();
const second = await reopenClient(sandbox, linked, 2);
await untilQuiet(store);
const restoreAfterClose = { ...store.counts };
for (let n = 0; n < count; n++) await second.client.send(FRIEND_JID, `message ${n}`, `AGAIN-${n}`);
await second.client.kill();
store.resetCounts();
store.latencyMs = 5;
const third = await reopenClient(sandbox, linked, 3);
await untilQuiet(store);
const restoreAfterKill = { ...store.counts };
const { mostParallelGets } = store;
await third.client.close();
sandbox.stop();

const total = (counts: typeof link) => Object.values(counts).reduce((sum, each) => sum + each, 0);
const perSend = round(send.put / count, 3);
const perReceive = round(receive.put / count, 3);
/** What a log holds is what one commit changed; folds and snapshots repeat it. */
function bytesPerByteChanged(puts: readonly { key: string; sizeBytes: number }[]): number {
  const sum = (parts: typeof puts) => parts.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
  const logs = puts.filter(({ key }) => /log-\d+$/.test(key));
  const changed = (sum(logs) / Math.max(1, logs.length)) * puts.length;
  return round(sum(puts) / changed, 2);
}
await report(
  'requests',
  {
    messages: count,
    link,
    send,
    perSend,
    receive,
    perReceive,
    bytesPerByteChanged: bytesPerByteChanged(sendPuts),
    restoreAfterClose,
    restoreAfterKill,
    mostParallelGets,
  },
  [
    { name: 'PUTs per link', value: link.put, target: 5 },
    { name: 'PUTs per message sent', value: perSend, target: 1 },
    { name: 'PUTs per message received', value: perReceive, target: 1 },
    { name: 'bytes put per byte changed', value: bytesPerByteChanged(sendPuts), target: 4 },
    { name: 'requests per restore after an orderly close', value: total(restoreAfterClose), target: 6 },
    { name: 'requests per restore after a kill', value: total(restoreAfterKill), target: 66 },
    { name: 'GETs at one time', value: mostParallelGets, target: 16 },
  ],
);
process.exit();
