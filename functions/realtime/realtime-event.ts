/** The parts of API Gateway's WebSocket events that are read; the local runtime makes only these. */
export interface RealtimeEvent {
  requestContext: {
    /** `$connect`, `$disconnect`, or `$default` for every frame. */
    routeKey: string;
    connectionId: string;
    requestId?: string;
  };
  headers?: Record<string, string | undefined>;
  queryStringParameters?: Record<string, string | undefined> | null;
  body?: string;
  isBase64Encoded?: boolean;
}

export interface RealtimeResult {
  statusCode: number;
  headers?: Record<string, string>;
  body?: string;
}

export function headerOf(event: RealtimeEvent, name: string): string | undefined {
  const found = Object.entries(event.headers ?? {}).find(([key]) => key.toLowerCase() === name);
  return found?.[1];
}

export function frameOf({ body, isBase64Encoded }: RealtimeEvent): string {
  return isBase64Encoded ? Buffer.from(body ?? '', 'base64').toString('utf8') : (body ?? '');
}
