import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Arrived {
  sessionId: string;
  number: number;
}

/** A tenant's endpoint that answers only when it is told to. */
export interface HoldingReceiver {
  url: string;
  /** Every event, in the order of its first arrival. */
  arrived: Arrived[];
  /** Requests without an answer, and the most there ever were at a time since `most` was set to 0. */
  open: number;
  most: number;
  /** Resolves once so many requests are open. */
  holds(requests: number): Promise<void>;
  /** Resolves once so many events have arrived. */
  has(events: number): Promise<void>;
  /** Answers everything that is open, and from now on all that comes, at once. */
  release(): void;
  close(): Promise<void>;
}

/** @param isHolding whether it lets callers wait from the beginning */
export async function startHoldingReceiver(isHolding: boolean): Promise<HoldingReceiver> {
  const held: ServerResponse[] = [];
  const looks = new Set<() => void>();
  let holding = isHolding;
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const { sessionId, data } = JSON.parse(text);
    receiver.arrived.push({ sessionId, number: data.number });
    receiver.open += 1;
    receiver.most = Math.max(receiver.most, receiver.open);
    response.on('close', () => {
      receiver.open -= 1;
    });
    if (holding) held.push(response);
    else response.writeHead(200).end();
    for (const look of [...looks]) look();
  });
  const until = (isSo: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!isSo()) return;
        looks.delete(look);
        resolve();
      };
      looks.add(look);
      look();
    });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: HoldingReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    arrived: [],
    open: 0,
    most: 0,
    holds: (requests) => until(() => receiver.open >= requests),
    has: (events) => until(() => receiver.arrived.length >= events),
    release() {
      holding = false;
      for (const response of held.splice(0)) response.writeHead(200).end();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}
