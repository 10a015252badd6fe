import { pino } from 'pino';
import { createS3ObjectStore } from '../../../worker/storage/s3-object-store.ts';
import { openAuth } from '../../../worker/whatsapp/auth/open-auth.ts';
import { silenceSignalLibrary } from '../../../worker/whatsapp/silence-signal-library.ts';
import { CountingStore } from '../../worker/storage/testing/counting-store.ts';
import { GatewayClient } from './gateway-client.ts';
import type { ClientSetup, FromClient, ToClient } from './messages.ts';

/** One session in a process of its own, for killing. */
const setup: ClientSetup = JSON.parse(process.argv[2] ?? '{}');
const tell = (message: FromClient) => process.send?.(message);
const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

silenceSignalLibrary();
process.on('disconnect', () => process.exit(0));

const { sessionId, epoch, network, latencyMs } = setup;
const store = new CountingStore(createS3ObjectStore(setup.s3), latencyMs);
const log = pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });
const accepted = new Map<string, () => void>();
const auth = await openAuth({ store, sessionId, epoch, log });
const client = new GatewayClient({
  auth,
  sessionId,
  epoch,
  network,
  deliver: (report) =>
    new Promise((resolve) => {
      accepted.set(report.id, resolve);
      tell({ type: 'report', report });
    }),
});
client.events.on('closed', (reason) => tell({ type: 'failed', reason: `closed: ${JSON.stringify(reason)}` }));

process.on('message', (message: ToClient) => {
  if (message.type === 'accepted') accepted.get(message.reportId)?.();
  else if (message.type === 'send')
    client.send(message.to, message.text, message.id).then(
      () => tell({ type: 'sent', id: message.id }),
      (error: unknown) => tell({ type: 'failed', reason: reasonOf(error) }),
    );
  else
    void client.close().then(() => {
      tell({ type: 'closed' });
      process.disconnect();
    });
});

if (setup.link)
  await client.link(async (qr) => {
    tell({ type: 'qr', qr });
    return { status: 'linked' };
  });
else await client.connect();
tell({ type: 'open' });
