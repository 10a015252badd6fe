export type Jid = { user: string; device: number; server: string };
export type Addressing = 'lid' | 'pn';

/** The server part of a phone number's JID. */
export const serverJid = 's.whatsapp.net';
/** The server itself: a JID without a user, which Baileys compares with its at sign. */
export const serverAddress = '@s.whatsapp.net';

export function parseJid(jid: string | undefined): Jid | null {
  const match = /^([^@:]*)(?::(\d+))?@(.+)$/.exec(jid ?? '');
  if (!match) return null;
  const [, user = '', device, server = ''] = match;
  return { user: user.split('_')[0] ?? '', device: Number(device ?? 0), server };
}

export function formatJid(user: string, device: number, server: string): string {
  return device === 0 ? `${user}@${server}` : `${user}:${device}@${server}`;
}

export function isGroupJid(jid: string | undefined): boolean {
  return jid?.endsWith('@g.us') ?? false;
}

export function isLidJid(jid: string | undefined): boolean {
  return jid?.endsWith('@lid') ?? false;
}

/** Digits of a phone number as people write it, or of its JID; empty when there are none. */
export function digitsOf(number: string): string {
  return (parseJid(number)?.user ?? number).replace(/\D/g, '');
}
