import { spawnSync } from 'node:child_process';
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { median, readFlags, round, writeResult } from './auth/bench-kit.ts';

const flags = readFlags(
  `What the cryptography under each WhatsApp message costs with a key as bytes, as Baileys and libsignal give it, and with
a KeyObject, on one version of Node after another.

  node bench/node-crypto.ts [--nodes <path of a node>,<another>] [--rounds 5] [--calls 5000]

Without --nodes, on this one only. Prints microseconds a call. Ends with 1 where bytes cost this version of Node more
than twice as much as a KeyObject: package.json should name another one then.
`,
  { nodes: '', rounds: '5', calls: '5000', child: '' },
);

const bytes = randomBytes(32);
const keyObject = createSecretKey(bytes);
const [iv, nonce, data] = [randomBytes(16), randomBytes(12), randomBytes(200)];
type Key = Buffer | KeyObject;
const OPERATIONS: Readonly<Record<string, (key: Key) => unknown>> = {
  hmacSha256: (key) => createHmac('sha256', key).update(data).digest(),
  aes256Gcm: (key) => createCipheriv('aes-256-gcm', key, nonce).update(data),
  aes256Cbc: (key) => createCipheriv('aes-256-cbc', key, iv).update(data),
  aes256CtrDecipher: (key) => createDecipheriv('aes-256-ctr', key, iv).update(data),
};

interface Cost {
  operation: string;
  bytesUs: number;
  keyObjectUs: number;
  ratio: number;
}

function costOf(work: (key: Key) => unknown, key: Key): number {
  const calls = Number(flags.calls);
  const rounds = Array.from({ length: Number(flags.rounds) }, () => {
    const start = performance.now();
    for (let call = 0; call < calls; call += 1) work(key);
    return ((performance.now() - start) * 1_000) / calls;
  });
  return median(rounds);
}

function measure(): Cost[] {
  return Object.entries(OPERATIONS).map(([operation, work]) => {
    // Each is compiled before either is measured.
    for (const key of [bytes, keyObject]) costOf(work, key);
    const [bytesUs, keyObjectUs] = [costOf(work, bytes), costOf(work, keyObject)];
    const ratio = round(bytesUs / keyObjectUs, 2);
    return { operation, bytesUs: round(bytesUs), keyObjectUs: round(keyObjectUs), ratio };
  });
}

function measureOn(node: string): { version: string; costs: Cost[] } {
  const script = fileURLToPath(import.meta.url);
  const args = [script, '--child', 'yes', '--rounds', flags.rounds, '--calls', flags.calls];
  const { stdout } = spawnSync(node, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  return JSON.parse(stdout);
}

if (flags.child !== '') console.log(JSON.stringify({ version: process.version, costs: measure() }));
else {
  const nodes = [process.execPath, ...flags.nodes.split(',').filter((path) => path !== '')];
  const versions = nodes.map(measureOn);
  const [ours] = versions;
  await writeResult(
    'node-crypto',
    { versions },
    (ours?.costs ?? []).map(({ operation, ratio }) => ({
      name: `${operation} on Node ${ours?.version}: bytes over KeyObject`,
      value: ratio,
      target: 2,
    })),
  );
}
