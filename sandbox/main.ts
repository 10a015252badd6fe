import { parseArgs } from 'node:util';
import pc from 'picocolors';
import { type SandboxOptions, startSandbox } from './start-sandbox.ts';

const usage = `A WhatsApp on loopback: server, phones, media host and control API.

  npm run sandbox -- [options]

  --port <n>            WhatsApp's WebSocket            (default: any free port)
  --control-port <n>    control API, HTTP and JSON      (default: 8090; 0 takes any free port)
  --media-port <n>      media host, HTTPS               (default: any free port)
  --data-dir <folder>   keep accounts and linked devices across restarts
  --linking <flow>      2026 or classic                 (default: 2026)
  --addressing <form>   lid or pn                       (default: lid)
  --no-history          send newly linked devices no history
  --seed <text>         the same seed gives the same LIDs and message ids
  --account <number>    add a person whose phone can scan; may be repeated
  --contact <number>    add a person who reads and echoes; may be repeated
  --verbose             tell what goes wrong in decryption and on the wire
  --help

For example: npm run sandbox -- --account 6281200000001 --contact 6281200000002
`;

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    'control-port': { type: 'string' },
    'media-port': { type: 'string' },
    'data-dir': { type: 'string' },
    linking: { type: 'string' },
    addressing: { type: 'string' },
    'no-history': { type: 'boolean' },
    seed: { type: 'string' },
    account: { type: 'string', multiple: true },
    contact: { type: 'string', multiple: true },
    verbose: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});

function fail(sentence: string): never {
  console.error(pc.red(sentence));
  process.exit(1);
}

function portOf(name: 'port' | 'control-port' | 'media-port', otherwise: number): number {
  const port = Number(values[name] ?? otherwise);
  return Number.isInteger(port) && port >= 0 && port <= 65_535
    ? port
    : fail(`--${name} ${values[name]} is not a port.`);
}

function oneOf<T extends string>(name: 'linking' | 'addressing', words: readonly T[]): T | undefined {
  const word = values[name];
  return word === undefined
    ? undefined
    : (words.find((one) => one === word) ?? fail(`--${name} is one of: ${words.join(', ')}.`));
}

async function main(): Promise<void> {
  const options: SandboxOptions = {
    port: portOf('port', 0),
    controlPort: portOf('control-port', 8090),
    mediaPort: portOf('media-port', 0),
    dataDir: values['data-dir'],
    seed: values.seed,
    linking: oneOf('linking', ['2026', 'classic']),
    addressing: oneOf('addressing', ['lid', 'pn']),
    historySync: !values['no-history'],
    log: values.verbose ? (line) => console.log(pc.dim(line)) : undefined,
  };
  const sandbox = await startSandbox(options);
  for (const number of values.account ?? []) await sandbox.addAccount({ number });
  for (const number of values.contact ?? []) await sandbox.addContact({ number, replies: 'echo' });
  console.log(`WhatsApp     ${sandbox.url}`);
  console.log(`trust root   ${sandbox.trustRoot}`);
  console.log(`control API  ${sandbox.controlUrl}`);
  console.log(`media host   ${sandbox.mediaUrl}`);
  console.log(`certificate  ${sandbox.caCertPath}  (NODE_EXTRA_CA_CERTS)`);
  console.log('ready');
  const stop = () => {
    sandbox.close().then(
      () => process.exit(0),
      (error: unknown) => fail(String(error)),
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

if (values.help) console.log(usage);
else main().catch((error: unknown) => fail(error instanceof Error ? error.message : String(error)));
