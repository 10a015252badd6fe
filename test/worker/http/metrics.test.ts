import { afterEach, beforeEach, expect, test } from 'vitest';
import { startEdge } from './worker-fixture.ts';

const SCRAPE = 'a-token-for-scraping-only';
let edge: Awaited<ReturnType<typeof startEdge>>;
beforeEach(async () => {
  edge = await startEdge({ metricsToken: SCRAPE });
});
afterEach(() => edge.stop());

const read = async () => (await edge.request('GET', '/metrics')).text();

test('a token of its own opens the metrics, and nothing else', async () => {
  expect((await edge.request('GET', '/metrics', { token: SCRAPE })).status).toBe(200);
  expect((await edge.request('GET', '/metrics', { token: 'another' })).status).toBe(401);
  expect((await edge.request('GET', '/health', { token: SCRAPE })).status).toBe(401);
});

test('messages are counted by direction and type, and timed until they are acknowledged and delivered', async () => {
  const { sessions } = edge.metrics;
  sessions.sent({ type: 'text', seconds: 0.2 });
  sessions.delivered({ seconds: 2 });
  sessions.received({ type: 'image' });
  const text = await read();
  expect(text).toContain('whatsapp_messages_total{direction="out",type="text"} 1');
  expect(text).toContain('whatsapp_messages_total{direction="in",type="image"} 1');
  expect(text).toContain('whatsapp_acknowledgement_seconds_bucket{le="0.25"} 1');
  expect(text).toContain('whatsapp_delivery_seconds_bucket{le="1"} 0');
  expect(text).toContain('whatsapp_delivery_seconds_bucket{le="2.5"} 1');
});

test('connections are counted as they open and by the reason for which they end', async () => {
  edge.metrics.sessions.connection({ opened: true });
  edge.metrics.sessions.connection({ opened: false, close: 'connection lost' });
  const text = await read();
  expect(text).toContain('whatsapp_connections_opened_total 1');
  expect(text).toContain('whatsapp_connections_closed_total{close="connection lost"} 1');
});

test('a code that is no code of WhatsApp adds no series of its own', async () => {
  edge.metrics.sessions.failed({ type: 'text', code: '463' });
  edge.metrics.sessions.failed({ type: 'text', code: 'a sentence with a number, +62 811 000' });
  const text = await read();
  expect(text).toContain('whatsapp_message_failures_total{type="text",code="463"} 1');
  expect(text).toContain('whatsapp_message_failures_total{type="text",code="other"} 1');
});

test('what waits, and the room for files, are shown as they are at that moment', async () => {
  edge.registry.waitingReports = () => ({ count: 3, oldestMs: 4_500 });
  const text = await read();
  expect(text).toContain('worker_reports_waiting 3');
  expect(text).toContain('worker_reports_oldest_seconds 4.5');
  expect(text).toContain(`worker_media_budget_bytes ${2 ** 28}`);
  expect(text).toContain('worker_media_held_bytes 0');
  expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
});
