import { parseArgs } from 'node:util';
import { loadHandlers } from '../functions/handler-file.ts';
import { httpFunction } from '../functions/http/http-function.ts';
import { quantile, writeResult } from '../infra/write-result.ts';
import { createPathMatcher } from '../shared/contract/match-path.ts';
import { controlRoutes } from '../shared/control-routes.ts';
import { startControlPlane, WORKER_TOKEN } from '../testing/control-plane/control-plane.ts';
import { connectedSession, registerWorker } from '../testing/control-plane/scenario.ts';

const { values } = parseArgs({
  options: { requests: { type: 'string', default: '300' }, help: { type: 'boolean', default: false } },
});
if (values.help) {
  console.log(`How long a warm function takes for the commonest routes: handler and validation in this process, with the
embedded table, which shares the process and takes most of the time. Its own row says how much.

  node bench/http-warm.ts [--requests 300]`);
  process.exit();
}
const REQUESTS = Number(values.requests);
const WARM_UP = 50;
/** So that no limit is met: the clock is the test's own. */
const BETWEEN_MS = 500;

const plane = await startControlPlane();
const run = httpFunction(await loadHandlers(), plane.deps, controlRoutes);
const matcher = createPathMatcher(controlRoutes);
const { token } = await plane.signUp('MAX');
const tenant = await plane.deps.accessTokens.verify(token);
/** A login lasts a quarter of an hour by that clock. */
const login = async () => (await plane.deps.accessTokens.issue(tenant)).accessToken;
const owner = { workerId: 'bench', endpoint: 'http://10.0.0.1:1' };
await registerWorker(plane, owner);
const { sessionId, epoch } = await connectedSession(plane, token, owner);

let seq = 1;
const status = () => {
  seq += 1;
  return { sessionId, epoch, seq, status: 'connected', phoneNumber: '628111' };
};
interface Call {
  method: 'GET' | 'PUT' | 'POST';
  path: string;
  token?: () => Promise<string>;
  body?: () => object;
}
const asWorker = async () => WORKER_TOKEN;
const CALLS: readonly Call[] = [
  { method: 'GET', path: '/api/v1/config' },
  { method: 'GET', path: '/api/v1/users/profile', token: login },
  { method: 'GET', path: '/api/v1/sessions', token: login },
  { method: 'GET', path: `/api/v1/sessions/${sessionId}/status`, token: login },
  {
    method: 'PUT',
    path: `/api/v1/workers/${owner.workerId}/heartbeat`,
    token: asWorker,
    body: () => ({}),
  },
  { method: 'POST', path: '/api/v1/webhooks/session-status', token: asWorker, body: status },
];

/** Milliseconds from event to answer. */
async function timed({ method, path, token: shown, body }: Call): Promise<number> {
  const found = matcher.match(method, path);
  const event = {
    routeKey: `${method} ${found?.template}`,
    rawPath: path,
    pathParameters: found?.params ?? {},
    headers: {
      'content-type': 'application/json',
      ...(shown === undefined ? {} : { authorization: `Bearer ${await shown()}` }),
    },
    isBase64Encoded: false,
    ...(body === undefined ? {} : { body: JSON.stringify(body()) }),
  };
  const start = performance.now();
  const answer = await run(event);
  const tookMs = performance.now() - start;
  if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${answer.body}`);
  return tookMs;
}

async function measure(name: string, once: () => Promise<number>) {
  const times: number[] = [];
  for (let n = -WARM_UP; n < REQUESTS; n += 1) {
    plane.clock.now += BETWEEN_MS;
    const tookMs = await once();
    if (n >= 0) times.push(tookMs);
  }
  const round = (ms: number) => Math.round(ms * 100) / 100;
  const row = { name, p50Ms: round(quantile(times)), p95Ms: round(quantile(times, 0.95)) };
  console.log(`| ${row.name} | ${row.p50Ms} | ${row.p95Ms} |`);
  return row;
}

console.log('| request | p50, ms | p95, ms |\n|---|---|---|');
const rows = [
  await measure('one read of the table, for comparison', async () => {
    const start = performance.now();
    await plane.deps.stores.workers.get(owner.workerId);
    return performance.now() - start;
  }),
];
for (const call of CALLS) {
  const found = matcher.match(call.method, call.path);
  rows.push(await measure(`${call.method} ${found?.template}`, () => timed(call)));
}
await plane.close();
writeResult('http-warm', { requests: REQUESTS, rows });
