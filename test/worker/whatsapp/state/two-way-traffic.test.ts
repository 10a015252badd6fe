import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../../../sandbox/start-sandbox.ts';
import type { Addressing } from '../../../../sandbox/verbs.ts';
import { countUndecryptable, exchange } from '../../../../testing/kills/exchange.ts';
import { GatewayClient } from '../../../../testing/kills/gateway-client.ts';
import { StockAuth } from '../../../../testing/kills/stock-auth.ts';
import { CountingStore } from '../../../../testing/storage/counting-store.ts';
import { MapStore } from '../../../../testing/storage/map-store.ts';
import { openAuth } from '../../../../worker/whatsapp/state/open-auth.ts';
import { silenceSignalLibrary } from '../../../../worker/whatsapp/workarounds/silence-signal-library.ts';

const OWNER = '628111000001';
const FRIEND = '628222000002';
const log = pino({ level: 'silent' });
silenceSignalLibrary();

async function prepare(addressing: Addressing): Promise<Sandbox> {
  const sandbox = await startSandbox({ seed: 'two-way', addressing, linking: 'classic' });
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(sandbox.caCertPath, 'utf8')]);
  await sandbox.addAccount({ number: OWNER, name: 'Owner' });
  await sandbox.addContact({ number: FRIEND, name: 'Friend' });
  return sandbox;
}

const network = (sandbox: Sandbox) => ({ url: sandbox.url, noiseRoot: sandbox.trustRoot });

describe.each<Addressing>(['lid', 'pn'])('two-way traffic on one chat with %s addressing', (addressing) => {
  let sandbox: Sandbox;
  let client: GatewayClient;
  const store = new CountingStore(new MapStore());

  beforeAll(async () => {
    sandbox = await prepare(addressing);
    const auth = await openAuth({ store, sessionId: 's-1', epoch: 1, log });
    client = new GatewayClient({ auth, sessionId: 's-1', epoch: 1, network: network(sandbox) });
    await client.link((qr) => sandbox.scan(OWNER, qr));
  });
  afterAll(async () => {
    store.latencyMs = 0;
    await client.close();
    await sandbox.close();
  });

  it.each([0, 20, 60, 200])('loses nothing where storage takes %i ms', async (latencyMs) => {
    store.latencyMs = latencyMs;
    const outcome = await exchange({
      sandbox,
      client,
      owner: OWNER,
      friend: FRIEND,
      messages: 30,
      tag: `${latencyMs}`,
    });
    expect(outcome).toEqual({ undecryptable: 0, lost: 0, twice: 0 });
  });
});

it('would leave a message undecryptable where a key store behind the stock client takes its time', async () => {
  const sandbox = await prepare('lid');
  const auth = new StockAuth();
  const client = new GatewayClient({ auth, sessionId: 's-1', epoch: 1, network: network(sandbox) });
  await client.link((qr) => sandbox.scan(OWNER, qr));
  const write = (id: string) => client.send(`${FRIEND}@s.whatsapp.net`, id, id);
  const isWritten = async (id: string) => {
    await write(id);
    await sandbox.inbox(FRIEND, { id, waitMs: 60_000 });
  };
  const isReceived = async (id: string) => {
    const incoming = once(client.events, 'incoming');
    await sandbox.send(FRIEND, { to: OWNER, text: id, id });
    await incoming;
  };
  for (const n of [1, 2]) {
    await isWritten(`OUT-${n}`);
    await isReceived(`IN-${n}`);
  }
  // What a message of theirs changes of the Signal session is being stored, while one of ours changes it, too.
  const [person] = (await sandbox.listAccounts()).flatMap(({ number, lid }) =>
    number === FRIEND ? lid.split('@') : [],
  );
  const held = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  auth.holds = ({ session }) => {
    if (!Object.keys(session ?? {}).some((address) => address.startsWith(`${person}`))) return undefined;
    auth.holds = undefined;
    held.resolve();
    return released.promise;
  };
  await sandbox.send(FRIEND, { to: OWNER, text: 'theirs', id: 'IN-3' });
  await held.promise;
  await isWritten('OUT-3');
  expect(await countUndecryptable(sandbox, OWNER, FRIEND)).toBe(0);
  const incoming = once(client.events, 'incoming');
  released.resolve();
  await incoming;
  await write('OUT-4');
  await expect.poll(() => countUndecryptable(sandbox, OWNER, FRIEND)).toBeGreaterThan(0);
  await client.close();
  await sandbox.close();
});
