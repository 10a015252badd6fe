import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Milliseconds in which a whole request has to arrive. */
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 10_000;
/** Longer than load balancers keep idle connections (60 s), so that we never close first. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
/** A send may wait 20 s for WhatsApp; no answer takes this long. */
const SOCKET_TIMEOUT_MS = 120_000;

/**
 * Starts listening; resolves with the port in use, which matters where 0 was asked for.
 * @throws the system's error, `EADDRINUSE` for a taken port.
 */
export async function listen(
  listener: RequestListener,
  address: { host: string; port: number },
): Promise<{ server: Server; port: number }> {
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    },
    listener,
  );
  server.setTimeout(SOCKET_TIMEOUT_MS);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return { server, port: (server.address() as AddressInfo).port };
}
