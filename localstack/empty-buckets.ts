import { callService, elements } from './emulator-client.ts';
import type { Emulator } from './env.ts';
import { listBuckets } from './list-resources.ts';

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
