import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyWebsocketEventV2 } from 'aws-lambda';
import { formatRequestTime, joinHeaders, joinQuery } from './to-http-event.ts';

/** The `$connect` event has the upgrade request's headers and query; later events have neither. */
export type WebsocketEvent = APIGatewayProxyWebsocketEventV2 & {
  headers?: Record<string, string>;
  multiValueHeaders?: Record<string, string[]>;
};

export interface ConnectionFacts {
  connectionId: string;
  connectedAt: Date;
  sourceIp: string;
  userAgent: string;
  domainName: string;
}

const EVENT_TYPES = { $connect: 'CONNECT', $default: 'MESSAGE', $disconnect: 'DISCONNECT' } as const;
/** The stage's name on AWS, and the path here. */
const STAGE = 'ws';

function contextOf(facts: ConnectionFacts, routeKey: keyof typeof EVENT_TYPES) {
  const now = new Date();
  return {
    routeKey,
    messageId: randomUUID(),
    eventType: EVENT_TYPES[routeKey],
    extendedRequestId: randomUUID(),
    requestTime: formatRequestTime(now),
    messageDirection: 'IN' as const,
    stage: STAGE,
    connectedAt: facts.connectedAt.getTime(),
    requestTimeEpoch: now.getTime(),
    requestId: randomUUID(),
    domainName: facts.domainName,
    connectionId: facts.connectionId,
    apiId: 'local-ws',
    identity: { sourceIp: facts.sourceIp, userAgent: facts.userAgent },
  };
}

export function toConnectEvent(
  facts: ConnectionFacts,
  request: { target: string; headers: Readonly<Record<string, string[] | undefined>> },
): WebsocketEvent {
  const queryStringParameters = joinQuery(request.target.split('?').slice(1).join('?'));
  const multiValueHeaders = Object.fromEntries(
    Object.entries(request.headers).map(([name, values]) => [name, values ?? []]),
  );
  return {
    headers: joinHeaders(request.headers),
    multiValueHeaders,
    ...(queryStringParameters === undefined ? {} : { queryStringParameters }),
    requestContext: contextOf(facts, '$connect'),
    isBase64Encoded: false,
  };
}

export function toMessageEvent(facts: ConnectionFacts, body: string): WebsocketEvent {
  return { requestContext: contextOf(facts, '$default'), body, isBase64Encoded: false };
}

export function toDisconnectEvent(
  facts: ConnectionFacts,
  closed: { code: number; reason: string },
): WebsocketEvent {
  const context = {
    ...contextOf(facts, '$disconnect'),
    disconnectStatusCode: closed.code,
    disconnectReason: closed.reason,
  };
  return { requestContext: context, isBase64Encoded: false };
}
