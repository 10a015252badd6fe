import { parseArgs } from 'node:util';
import pc from 'picocolors';
import { SandboxClient } from '../../sandbox/sandbox-client.ts';
import { parseLocalEnv } from '../env.ts';
import { explain, LocalError } from '../local-error.ts';
import { choosePorts, startLocal } from '../start-local.ts';
import { readDemoEnv } from './env.ts';
import { createScreen } from './screen.ts';
import {
  awaitReceipts,
  link,
  receiveAnswer,
  type Stage,
  sendPicture,
  sendText,
  signUp,
  surviveDeath,
  tellLatencies,
} from './story.ts';
import { startWebhookReceiver } from './webhook-receiver.ts';

const USAGE = `The whole story, on the sandbox, with progress on screen.

  npm run demo               against a running "npm start"
  npm run demo -- --start    starts its own gateway, in memory, on free ports

Environment: GATEWAY_URL (default http://127.0.0.1:8000), SANDBOX_URL (default http://127.0.0.1:8090).
`;

const BOUND_MS = 90_000;
const PROBE_TIMEOUT_MS = 3000;

async function answers(url: string): Promise<boolean> {
  return await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) }).then(
    (response) => response.ok,
    () => false,
  );
}

async function findRunning(): Promise<Pick<Stage, 'url' | 'sandbox'>> {
  const { gatewayUrl, sandboxUrl } = readDemoEnv();
  if (!(await answers(`${gatewayUrl}/api/v1/health?ready=1`)))
    throw new LocalError(
      `No gateway is ready at ${gatewayUrl}: run "npm start" in another terminal first, or "npm run demo -- --start".`,
    );
  if (!(await answers(`${sandboxUrl}/accounts`)))
    throw new LocalError(`The gateway runs, but no sandbox answers at ${sandboxUrl}: the demo needs one.`);
  return { url: gatewayUrl, sandbox: new SandboxClient(sandboxUrl) };
}

async function startOwn(parts: AsyncDisposableStack): Promise<Pick<Stage, 'url' | 'sandbox'>> {
  const runtime = await startLocal({
    ...{ env: parseLocalEnv({ PORT: '0' }), stateDir: undefined, fresh: false, live: false, workers: 1 },
    ports: choosePorts(0),
    show: (line) => console.error(line),
  });
  parts.defer(() => runtime.close());
  return { url: runtime.url, sandbox: new SandboxClient(runtime.sandboxControlUrl ?? '') };
}

async function tell(stage: Stage): Promise<void> {
  const tenant = await signUp(stage);
  try {
    await link(tenant);
    tellLatencies(tenant);
    const messageId = await sendText(tenant, 'Hello from the gateway!');
    await awaitReceipts(tenant, messageId);
    await sendPicture(tenant);
    await receiveAnswer(tenant, 'Hello back!');
    await surviveDeath(tenant);
    await receiveAnswer(tenant, 'Good to have you back.');
  } finally {
    await tenant.client.deleteSession({ params: { sessionId: tenant.sessionId } }).catch(() => {});
    tenant.live.close();
  }
}

async function run(): Promise<void> {
  const { values } = parseArgs({ options: { help: { type: 'boolean' }, start: { type: 'boolean' } } });
  if (values.help === true) {
    console.log(USAGE);
    return;
  }
  await using parts = new AsyncDisposableStack();
  const bound = setTimeout(() => {
    console.error(pc.red(`The story took longer than ${BOUND_MS / 1000} s and was given up.`));
    process.exit(1);
  }, BOUND_MS);
  parts.defer(() => clearTimeout(bound));
  const stage = values.start === true ? await startOwn(parts) : await findRunning();
  const start = performance.now();
  const webhooks = await startWebhookReceiver();
  parts.defer(() => webhooks.close());
  await tell({ ...stage, webhooks, screen: createScreen((line) => console.log(line)) });
  console.log(pc.green(`The whole story, in ${((performance.now() - start) / 1000).toFixed(1)} s.`));
}

try {
  await run();
  process.exitCode = 0;
} catch (thrown) {
  console.error(pc.red(explain(thrown)));
  process.exitCode = 1;
}
