import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Connections } from '../../../local/gateway/connections.ts';
import { createHttpGateway, type HttpFunction } from '../../../local/gateway/http-gateway.ts';
import { createManagementApi } from '../../../local/gateway/management-api.ts';
import type { WebsocketEvent } from '../../../local/gateway/to-websocket-event.ts';
import { createWebsocketGateway, type WebsocketFunction } from '../../../local/gateway/websocket-gateway.ts';
import type { Group } from '../../../shared/contract/route.ts';
import { controlRoutes } from '../../../shared/control-routes.ts';

const GROUPS: readonly Group[] = [
  'auth',
  'users',
  'sessions',
  'messages',
  'conversations',
  'webhooks',
  'analytics',
  'workers',
  'callbacks',
  'admin',
  'system',
];

/** Both gateways on free ports, in front of functions that a test writes. */
export async function startGateways(options: { timeoutMs?: number } = {}) {
  const events: { group: Group; event: APIGatewayProxyEventV2 }[] = [];
  const websocketEvents: WebsocketEvent[] = [];
  const errors: unknown[] = [];
  const behaviour: { http: HttpFunction; websocket: WebsocketFunction } = {
    http: async () => ({ statusCode: 200, body: '{}' }),
    websocket: async () => ({ statusCode: 200 }),
  };
  const connections: Connections = new Map();
  const functions = new Map<Group, HttpFunction>(
    GROUPS.map((group) => [
      group,
      (event: APIGatewayProxyEventV2) => {
        events.push({ group, event });
        return behaviour.http(event);
      },
    ]),
  );
  const http = createServer(
    createHttpGateway({
      routes: controlRoutes,
      functions,
      pages: { '/': () => ({ contentType: 'text/html; charset=utf-8', body: '<!doctype html>' }) },
      onFunctionError: (thrown) => errors.push(thrown),
      ...options,
    }),
  );
  const websocket = createWebsocketGateway({
    connections,
    invoke: (event) => {
      websocketEvents.push(event);
      return behaviour.websocket(event);
    },
    onFunctionError: (thrown) => errors.push(thrown),
  });
  http.on('upgrade', websocket.upgrade);
  const management = createServer(createManagementApi(connections));
  const ports: number[] = [];
  for (const server of [http, management]) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ports.push((server.address() as AddressInfo).port);
  }
  const [httpPort, managementPort] = ports;
  const close = () => {
    websocket.close();
    for (const server of [http, management]) {
      server.closeAllConnections();
      server.close();
    }
  };
  return {
    url: `http://127.0.0.1:${httpPort}`,
    websocketUrl: `ws://127.0.0.1:${httpPort}/ws`,
    managementUrl: `http://127.0.0.1:${managementPort}`,
    events,
    websocketEvents,
    connections,
    errors,
    behaviour,
    close,
  };
}
