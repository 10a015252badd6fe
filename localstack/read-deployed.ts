import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { callJson } from './emulator-client.ts';
import type { Emulator } from './env.ts';
import type { LeftOut } from './leave-out.ts';
import { LEFT_OUT, OUTPUTS } from './run-cdk.ts';

const Outputs = z.object({
  'whatsapp-gateway-dev-api': z.looseObject({ ApiUrl: z.url() }),
  'whatsapp-gateway-dev-realtime': z.looseObject({ WebSocketUrl: z.url() }),
  'whatsapp-gateway-dev-data': z.looseObject({
    BucketName: z.string(),
    TableName: z.string(),
    WorkerTokensSecret: z.string(),
  }),
});
const LeftOutList = z.array(z.object({ path: z.string(), type: z.string(), why: z.string() }));
const WorkerTokens = z.object({ current: z.string(), next: z.string().default('') });

/** Where the dev stage is, as whoever runs workers outside AWS reads it. */
export interface Deployed {
  apiUrl: string;
  websocketUrl: string;
  bucket: string;
  tableName: string;
  /** As a worker takes them: what it shows, then what it accepts as well. */
  workerTokens: z.output<typeof WorkerTokens>;
}

/** What the deployment wrote down, and the worker tokens as the functions read them. @throws where nothing is deployed */
export async function readDeployed(emulator: Emulator): Promise<Deployed> {
  const text = await readFile(OUTPUTS, 'utf8').catch(() => {
    throw new Error('Nothing is deployed yet: run "npm run localstack:deploy" first.');
  });
  const outputs = Outputs.parse(JSON.parse(text));
  const data = outputs['whatsapp-gateway-dev-data'];
  const { SecretString } = await callJson(emulator, 'secretsmanager', 'secretsmanager.GetSecretValue', {
    SecretId: data.WorkerTokensSecret,
  });
  return {
    apiUrl: outputs['whatsapp-gateway-dev-api'].ApiUrl,
    websocketUrl: outputs['whatsapp-gateway-dev-realtime'].WebSocketUrl,
    bucket: data.BucketName,
    tableName: data.TableName,
    workerTokens: WorkerTokens.parse(JSON.parse(String(SecretString))),
  };
}

/** What the last deployment left out, since the emulator does not make it. */
export async function readLeftOut(): Promise<LeftOut[]> {
  return LeftOutList.parse(JSON.parse(await readFile(LEFT_OUT, 'utf8')));
}

/** A line for a person per kind: which, and why. */
export function tellLeftOut(leftOut: readonly LeftOut[]): string[] {
  return [...Map.groupBy(leftOut, ({ type }) => type)].map(([type, each]) => {
    const paths = each.map(({ path }) => path.replace(/\/Resource$/, '')).join(', ');
    return `left out ${each.length} × ${type} (${paths}): ${each[0]?.why ?? ''}`;
  });
}
