import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Listens on loopback; resolves with the port in use. @throws the system's error, with the port it is about */
export async function startServer(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

/** Ends a server with every connection it has. */
export async function stopServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** @throws the system's error for the first port that is taken */
export async function assertPortsFree(ports: readonly number[]): Promise<void> {
  for (const port of ports.filter((each) => each !== 0)) {
    const server = createServer();
    await startServer(server, port);
    await stopServer(server);
  }
}
