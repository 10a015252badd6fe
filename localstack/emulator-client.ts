import type { Emulator } from './env.ts';

/** An emulator shares a machine that may be busy. */
const TIMEOUT_MS = 60_000;

/** Unsigned: emulators look at the scope only. Spares an SDK client per service. */
const authorization = ({ region }: Emulator, service: string) =>
  `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=none`;

interface Call {
  service: string;
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the emulator's address, without the leading slash. */
  path?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** One call to a service, whatever its protocol. @returns the body @throws where it is refused */
export async function callService(emulator: Emulator, call: Call): Promise<string> {
  const { service, method = 'GET', path = '', headers = {}, body } = call;
  const response = await fetch(`${emulator.url}/${path}`, {
    method,
    headers: { ...headers, authorization: authorization(emulator, service) },
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${service} answered ${response.status}: ${text.slice(0, 300)}`);
  return text;
}

function toObject(text: string): Record<string, unknown> {
  const parsed: unknown = text === '' ? {} : JSON.parse(text);
  return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
}

/** AWS's JSON protocol. */
export async function callJson(
  emulator: Emulator,
  service: string,
  target: string,
  body: object,
): Promise<Record<string, unknown>> {
  const headers = {
    'content-type': `application/x-amz-json-${service === 'dynamodb' ? '1.0' : '1.1'}`,
    'x-amz-target': target,
  };
  const call = { service, method: 'POST', headers, body: JSON.stringify(body) } as const;
  return toObject(await callService(emulator, call));
}

/** AWS's query protocol, of the older services; the answer is XML. */
export function callQuery(
  emulator: Emulator,
  service: string,
  action: string,
  version: string,
  input: Readonly<Record<string, string>> = {},
): Promise<string> {
  return callService(emulator, {
    service,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ Action: action, Version: version, ...input }).toString(),
  });
}

/** AWS's REST services that speak JSON. */
export async function getJson(
  emulator: Emulator,
  service: string,
  path: string,
): Promise<Record<string, unknown>> {
  return toObject(await callService(emulator, { service, path }));
}

/** The text of every such element of an XML answer. */
export const elements = (xml: string, name: string) =>
  [...xml.matchAll(new RegExp(`<${name}>([^<]+)</${name}>`, 'g'))].map(([, text = '']) => text);
