import { proto } from '@whiskeysockets/baileys';
import { isSessionRecord } from './session-record.ts';

/** JSON with bytes as `{ "$b": base64 }`; a key that begins with `$` gets a second one. */
type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const BYTES = '$b';
const BIG = '$n';

function toJson(value: unknown): Json | undefined {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') return { [BIG]: String(value) };
  if (value instanceof Uint8Array)
    return { [BYTES]: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') };
  if (Array.isArray(value)) return value.map((item) => toJson(item) ?? null);
  if (typeof value !== 'object') return undefined;
  // Own properties only: for a protobuf message these are the fields that are set, with bytes as bytes,
  // where its `toJSON` would turn them into strings.
  const plain: [string, Json][] = [];
  for (const [key, item] of Object.entries(value)) {
    const encoded = toJson(item);
    if (encoded !== undefined) plain.push([key.startsWith('$') ? `$${key}` : key, encoded]);
  }
  return Object.fromEntries(plain);
}

function fromJson(value: Json): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value[BYTES] === 'string') return Buffer.from(value[BYTES], 'base64');
  if (typeof value[BIG] === 'string') return BigInt(value[BIG]);
  const plain: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const name = key.startsWith('$$') ? key.slice(1) : key;
    if (name === '__proto__') setProto(plain, fromJson(item));
    else plain[name] = fromJson(item);
  }
  return plain;
}

/** As a property of that name, which assigning would take for the prototype. */
function setProto(plain: Record<string, unknown>, value: unknown): void {
  const descriptor = { value, enumerable: true, configurable: true, writable: true };
  Object.defineProperty(plain, '__proto__', descriptor);
}

/** As text for the journal. Functions and `undefined` are left out, as in JSON. */
export function encodeValue(value: unknown): string {
  // What ratchets change most is plain text already (`session_record.js`, serialize).
  if (isSessionRecord(value)) return JSON.stringify(value);
  return JSON.stringify(toJson(value) ?? null);
}

/** A fresh copy each time: nothing that a caller does to it reaches the store. */
export function decodeValue(text: string): unknown {
  const parsed: Json = JSON.parse(text);
  return text.includes('"$') ? fromJson(parsed) : parsed;
}

/**
 * A value of Baileys' key store, as Baileys expects it back. Only app state keys need more than plain data
 * (`lib/Utils/use-multi-file-auth-state.js` does the same); unknown types come back as they went in.
 */
export function decodeKey(type: string, text: string): unknown {
  const value = decodeValue(text);
  if (type !== 'app-state-sync-key' || value === null || typeof value !== 'object') return value;
  return proto.Message.AppStateSyncKeyData.fromObject(value);
}

/** Encoded values by space and id; `undefined` removes. */
export interface EncodedKeys {
  get(space: string, id: string): string | undefined;
  set(space: string, id: string, value: string | undefined): void;
  ids(space: string): Iterable<string>;
}
