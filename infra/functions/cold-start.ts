import { spawnSync } from 'node:child_process';
import type { LambdaEnvironment } from '../../functions/lambda/env.ts';
import { routeKeys } from '../../shared/contract/route.ts';
import { controlRoutes } from '../../shared/control-routes.ts';
import type { BundledFunction } from './function-bundles.ts';

/** Variables that a function needs in order to start; nothing listens at these addresses. */
const ENVIRONMENT: LambdaEnvironment & Record<string, string> = {
  TABLE_NAME: 'none',
  WEBSOCKET_URL: 'wss://none.invalid',
  WEBSOCKET_CALLBACK_URL: 'https://none.invalid',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'none',
  AWS_SECRET_ACCESS_KEY: 'none',
  LOG_LEVEL: 'silent',
};

/** A first event that is answered without AWS; `undefined` where there is none. */
function firstEvent(name: BundledFunction): object | undefined {
  if (name === 'delivery' || name === 'outbox') return { Records: [] };
  if (name === 'rotation') return { SecretId: 'none', ClientRequestToken: 'none', Step: 'setSecret' };
  if (name === 'relay') return {};
  const route = controlRoutes.find(({ group }) => group === name);
  if (route === undefined) return undefined;
  // Refused, because a token or a body is missing.
  return { routeKey: routeKeys(route)[0], rawPath: route.path, headers: {}, isBase64Encoded: false };
}

/** In milliseconds; by the processor's time, the import is little disturbed by what else runs on the machine. */
export interface ColdStart {
  importMs: number;
  importCpuMs: number;
  firstMs: number | null;
}

/** Measures the import and the first event after it in a process of its own. */
export function coldStart(file: string, name: BundledFunction): ColdStart {
  const event = firstEvent(name);
  const script = `const start = performance.now();
    const cpu = process.cpuUsage();
    const { handler } = await import(${JSON.stringify(file)});
    const importMs = performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    const event = ${JSON.stringify(event ?? null)};
    if (event !== null) await handler(event);
    const firstMs = event === null ? null : performance.now() - start - importMs;
    console.log(JSON.stringify({ importMs, importCpuMs: (user + system) / 1_000, firstMs }));
    process.exit(0);`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    env: ENVIRONMENT,
    timeout: 30_000,
  });
  if (stdout === '') throw new Error(`${file} did not start: ${stderr}`);
  return JSON.parse(stdout) as ColdStart;
}
