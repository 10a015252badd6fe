import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { SandboxClient } from '../../sandbox/sandbox-client.ts';
import { GatewayClient } from '../../testing/kills/gateway-client.ts';
import { StockAuth } from '../../testing/kills/stock-auth.ts';
import { CountingStore } from '../../testing/storage/counting-store.ts';
import { MapStore } from '../../testing/storage/map-store.ts';
import { openAuth } from '../../worker/whatsapp/state/open-auth.ts';
import { silenceSignalLibrary } from '../../worker/whatsapp/workarounds/silence-signal-library.ts';

export const FRIEND = '628222000002';
export const FRIEND_JID = `${FRIEND}@s.whatsapp.net`;
const SANDBOX = fileURLToPath(new URL('../../sandbox/main.ts', import.meta.url));
const log = pino({ level: 'silent' });
let resultsFolder = fileURLToPath(new URL('../results/', import.meta.url));

export interface BenchSandbox {
  verbs: SandboxClient;
  network: { url: string; noiseRoot: string };
  /** A file that clients in other processes have to trust. */
  certificatePath: string;
  stop(): void;
}

/** The sandbox in a process of its own, so that its work is not measured with ours. */
export async function startBenchSandbox(addressing: 'lid' | 'pn' = 'lid'): Promise<BenchSandbox> {
  const args = [SANDBOX, '--control-port', '0', '--linking', 'classic', '--addressing', addressing];
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const said = new Map<string, string>();
  if (child.stdout)
    for await (const line of createInterface(child.stdout)) {
      const [, name, value] = /^(WhatsApp|trust root|control API|certificate)\s+(\S+)/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) said.set(name, value);
      if (line === 'ready') break;
    }
  const certificatePath = said.get('certificate') ?? '';
  const certificate = await readFile(certificatePath, 'utf8');
  setDefaultCACertificates([...getCACertificates('default'), certificate]);
  silenceSignalLibrary();
  const verbs = new SandboxClient(said.get('control API') ?? '');
  await verbs.setOptions({ inboxLimit: 100_000 });
  await verbs.addContact({ number: FRIEND, name: 'Friend' });
  const network = { url: said.get('WhatsApp') ?? '', noiseRoot: said.get('trust root') ?? '' };
  return { verbs, network, certificatePath, stop: () => void child.kill() };
}

export type Variant = 'journal' | 'bare';

export interface BenchClient {
  client: GatewayClient;
  /** Of the journal; unused where bare. */
  store: CountingStore;
  number: string;
  /** Of the storage behind the session: the journal's, or the stock key store. */
  setLatency(latencyMs: number): void;
}

export const numberOf = (index: number) => `62811${String(1_000_000 + index)}`;

/** A session that is linked and open. */
export async function linkClient(
  { verbs, network }: BenchSandbox,
  { variant, index = 0, latencyMs = 0 }: { variant: Variant; index?: number; latencyMs?: number },
): Promise<BenchClient> {
  const number = numberOf(index);
  const sessionId = `bench-${index}`;
  const store = new CountingStore(new MapStore());
  const stock = new StockAuth();
  const auth = variant === 'bare' ? stock : await openAuth({ store, sessionId, epoch: 1, log });
  await verbs.addAccount({ number, name: `Owner ${index}` });
  const client = new GatewayClient({ auth, sessionId, epoch: 1, network });
  await client.link((qr) => verbs.scan(number, qr));
  const setLatency = (ms: number) => {
    store.latencyMs = ms;
    if (variant === 'bare') stock.latencyMs = ms;
  };
  setLatency(latencyMs);
  return { client, store, number, setLatency };
}

/** Logs the same session in again under the next epoch. */
export async function reopenClient(
  { network }: BenchSandbox,
  { store, number, setLatency }: BenchClient,
  epoch: number,
  sessionId = 'bench-0',
): Promise<BenchClient> {
  const auth = await openAuth({ store, sessionId, epoch, log });
  const client = new GatewayClient({ auth, sessionId, epoch, network });
  await client.connect();
  return { client, store, number, setLatency };
}

/** Resolves when nothing has been asked of the store for a while. */
export async function untilQuiet(store: CountingStore, quietMs = 1_500): Promise<void> {
  for (let before = -1; before !== store.requests; ) {
    before = store.requests;
    await new Promise((resolve) => setTimeout(resolve, quietMs));
  }
}

/** Resolves when so many messages whose id begins with `prefix` have been told of. */
export function arrivals(client: GatewayClient, prefix: string, count: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const seen = new Set<string>();
  client.events.on('incoming', ({ data }: { data: { id: string } }) => {
    if (data.id.startsWith(prefix)) seen.add(data.id);
    if (seen.size >= count) resolve();
  });
  return promise;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export const round = (value: number, digits = 1) => Number(value.toFixed(digits));

export interface Target {
  name: string;
  value: number;
  target: number;
  /** Whether more is better. */
  atLeast?: boolean;
}

/**
 * Prints the figures beside their targets, and keeps both as JSON in `bench/results/`, or where `--results` says.
 * The process ends with 1 where a target is missed.
 */
export async function writeResult(
  name: string,
  figures: object,
  targets: readonly Target[],
  file = name,
): Promise<void> {
  const checked = targets.map((each) => ({
    ...each,
    met: each.atLeast ? each.value >= each.target : each.value <= each.target,
  }));
  console.log(JSON.stringify(figures, null, 2));
  for (const { name: what, value, target, atLeast, met } of checked)
    console.log(
      `${met ? 'met   ' : 'MISSED'} ${what}: ${value} (${atLeast ? 'at least' : 'at most'} ${target})`,
    );
  const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? '', node: process.version };
  const result = { name, at: new Date().toISOString(), machine, figures, targets: checked };
  await mkdir(resultsFolder, { recursive: true });
  await writeFile(join(resultsFolder, `${file}.json`), `${JSON.stringify(result, null, 2)}\n`);
  if (checked.some(({ met }) => !met)) process.exitCode = 1;
}

export const report = (name: string, figures: object, targets: readonly Target[]): Promise<void> =>
  writeResult(name, figures, targets, `auth-${name}`);

/** Flags with their defaults; prints the help and ends where it is asked for. */
export function readFlags<T extends Record<string, string>>(help: string, defaults: T): T {
  const options = Object.fromEntries(
    Object.entries(defaults).map(([flag, value]) => [flag, { type: 'string' as const, default: value }]),
  );
  const common = { help: { type: 'boolean' as const, default: false }, results: { type: 'string' as const } };
  const { values } = parseArgs({ options: { ...options, ...common } });
  if (values.help) {
    console.log(`${help}  --results <folder>  where the JSON goes, bench/results by default\n`);
    process.exit(0);
  }
  if (values.results !== undefined) resultsFolder = values.results;
  return { ...defaults, ...values };
}
