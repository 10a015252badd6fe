import * as z from 'zod';
import { callJson, callService, elements } from './emulator-client.ts';
import type { Emulator } from './env.ts';
import { findLeftovers, listBuckets } from './list-resources.ts';
import { OUTPUTS, runCdk } from './run-cdk.ts';

const CONNECT_TIMEOUT_MS = 5_000;

/** @throws Error that says how to start an emulator, where none answers */
export async function assertReachable({ url }: Emulator): Promise<void> {
  const signal = AbortSignal.timeout(CONNECT_TIMEOUT_MS);
  const response = await fetch(url, { signal }).catch(() => undefined);
  if (response === undefined)
    throw new Error(`No emulator answers at ${url}; localstack/README.md says how to start one.`);
  await response.body?.cancel();
}

export async function bootstrap(emulator: Emulator): Promise<void> {
  await runCdk(emulator, ['bootstrap', `aws://000000000000/${emulator.region}`]);
}

/** @returns what `cdk` printed */
export function deploy(emulator: Emulator): Promise<string> {
  const options = ['--exclusively', '--require-approval', 'never', '--outputs-file', OUTPUTS];
  return runCdk(emulator, ['deploy', ...DEPLOYED_STACKS, ...options]);
}

/** @returns the number of stacks, in none of which anything changed @throws where something did */
export async function deployAgain(emulator: Emulator): Promise<number> {
  const printed = await deploy(emulator);
  const unchanged = printed.match(/✅.*\(no changes\)/g)?.length ?? 0;
  if (unchanged !== DEPLOYED_STACKS.length)
    throw new Error(`Deploying twice changed something:\n${printed.slice(-4_000)}`);
  return unchanged;
}

const LogGroups = z.object({
  logGroups: z.array(z.object({ logGroupName: z.string(), creationTime: z.number().default(0) })),
});

/**
 * A function that still runs while its stack is destroyed writes its last lines, for which the emulator makes the log
 * group again: groups that were made since then are removed.
 * @param since milliseconds since the epoch
 */
async function removeLateLogGroups(emulator: Emulator, since: number): Promise<void> {
  const found = LogGroups.parse(await callJson(emulator, 'logs', 'Logs_20140328.DescribeLogGroups', {}));
  for (const { logGroupName, creationTime } of found.logGroups)
    if (creationTime >= since)
      await callJson(emulator, 'logs', 'Logs_20140328.DeleteLogGroup', { logGroupName });
}

/** Takes the stage away. @returns what is left of it, as `kind name`: nothing, as it should be */
export async function destroy(emulator: Emulator): Promise<string[]> {
  // The account's stack is the account's, not the stage's.
  const stacks = DEPLOYED_STACKS.filter((stack) => stack !== 'account');
  await emptyBuckets(emulator);
  const since = Date.now();
  await runCdk(emulator, ['destroy', ...stacks, '--exclusively', '--force']);
  await removeLateLogGroups(emulator, since);
  return await findLeftovers(emulator);
}

const PREFIX = 'whatsapp-gateway-dev';

/** Deletes the objects of our buckets, which an ephemeral stage on AWS does by itself. */
export async function emptyBuckets(emulator: Emulator): Promise<void> {
  for (const bucket of await listBuckets(emulator)) {
    if (!bucket.startsWith(PREFIX)) continue;
    for (;;) {
      const page = await callService(emulator, { service: 's3', path: `${bucket}?list-type=2` });
      const keys = elements(page, 'Key');
      if (keys.length === 0) break;
      for (const key of keys)
        await callService(emulator, { service: 's3', method: 'DELETE', path: `${bucket}/${key}` });
    }
  }
}

/** What is deployed into an emulator, in CDK's names: all there is. */
export const DEPLOYED_STACKS = [
  'account',
  'dev/data',
  'dev/network',
  'dev/realtime',
  'dev/api',
  'dev/background',
  'dev/workers',
  'dev/worker-scaling',
  'dev/upkeep',
  'dev/observability',
] as const;
