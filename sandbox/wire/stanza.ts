import { inflateSync } from 'node:zlib';
import { type BinaryNode, decodeDecompressedBinaryNode, encodeBinaryNode } from '@whiskeysockets/baileys';
import * as dictionary from '@whiskeysockets/baileys/lib/WABinary/constants.js';

export type Stanza = BinaryNode;
export type Attributes = Record<string, string>;

/** The same node with the attributes that have no value left out. */
export function stanza(
  tag: string,
  attrs: Record<string, string | number | null | undefined> = {},
  content?: Stanza['content'],
): Stanza {
  const kept: Attributes = {};
  for (const [name, value] of Object.entries(attrs))
    if (value !== undefined && value !== null) kept[name] = String(value);
  return content === undefined ? { tag, attrs: kept } : { tag, attrs: kept, content };
}

/** Bytes are written as `{ base64 }`. */
export type StanzaJson = {
  tag: string;
  attrs?: Attributes;
  content?: string | { base64: string } | StanzaJson[];
};

export function readStanza({ tag, attrs = {}, content }: StanzaJson): Stanza {
  if (content === undefined || typeof content === 'string') return stanza(tag, attrs, content);
  if (Array.isArray(content)) return stanza(tag, attrs, content.map(readStanza));
  return stanza(tag, attrs, Buffer.from(content.base64, 'base64'));
}

export function children(node: Stanza | undefined, tag?: string): Stanza[] {
  if (!node || !Array.isArray(node.content)) return [];
  return tag === undefined ? node.content : node.content.filter((one) => one.tag === tag);
}

export function child(node: Stanza | undefined, tag: string): Stanza | undefined {
  if (!node || !Array.isArray(node.content)) return undefined;
  return node.content.find((one) => one.tag === tag);
}

/** The child's bytes; empty when it is missing. */
export function bytesOf(node: Stanza | undefined, tag?: string): Buffer {
  const content = (tag === undefined ? node : child(node, tag))?.content;
  if (content instanceof Uint8Array) return Buffer.from(content);
  return typeof content === 'string' ? Buffer.from(content) : Buffer.alloc(0);
}

export function textOf(node: Stanza | undefined, tag?: string): string {
  return bytesOf(node, tag).toString('utf8');
}

export function unsignedOf(node: Stanza | undefined, tag: string): number {
  const bytes = bytesOf(node, tag);
  return bytes.length === 0 ? 0 : bytes.readUIntBE(0, Math.min(bytes.length, 6));
}

export function bigEndian(value: number, sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  bytes.writeUIntBE(value, 0, sizeBytes);
  return bytes;
}

export function encodeStanza(node: Stanza): Buffer {
  return encodeBinaryNode(node);
}

const compressedFlag = 2;

/** Baileys' decoder awaits zlib; the server must not, or stanzas could overtake one another. */
export function decodeStanza(frame: Buffer): Stanza {
  const flags = frame[0] ?? 0;
  const body = flags & compressedFlag ? inflateSync(frame.subarray(1)) : frame.subarray(1);
  return decodeDecompressedBinaryNode(body, dictionary);
}

export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
