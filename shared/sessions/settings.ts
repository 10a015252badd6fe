import * as z from 'zod';
import { SOME_FIELD } from '../contract/paging.ts';
import { HOST_PATTERN } from '../outbound/outbound-policy.ts';
import { text } from '../text/text.ts';

/** How fast a session writes to people, because an account that writes like a machine is soon banned. */
export const Pacing = z
  .object({
    perMinute: z.number().int().min(1).max(600).meta({
      description: 'At most so many messages in any 60 s, whether sent at once or from the outbox.',
    }),
    jitter: z.number().min(0).max(1).optional().meta({
      description: 'By how much of an interval the outbox sends sooner or later; 0.4 where left out.',
    }),
    typing: z.boolean().optional().meta({
      description: 'Show “typing…” for a moment before each message; a send may say otherwise.',
    }),
  })
  .meta({ id: 'Pacing' });
export type Pacing = z.infer<typeof Pacing>;

const ProxyUrl = text()
  .max(512)
  .superRefine((text, context) => {
    const fault = findProxyFault(text);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  })
  .meta({
    pattern: `^(https?|socks5)://([A-Za-z0-9]+:[A-Za-z0-9]+@)?${HOST_PATTERN}$`,
    examples: ['socks5://user:password@proxy.example.com:1080'],
  });

/** What a PUT may change; fields that are left out stay. */
export const SettingsChange = z
  .object({
    pacing: Pacing.nullable().optional().meta({ description: 'null: the tier’s pace, for the outbox only.' }),
    proxy: ProxyUrl.nullable().optional().meta({
      description: 'http, https or socks5, through which this session reaches WhatsApp; null for none.',
    }),
    history: z.boolean().optional().meta({ description: 'Whether messages are kept for GET …/messages.' }),
    webhooks: z.boolean().optional().meta({ description: 'Whether the tenant’s webhooks hear of it.' }),
  })
  .refine((change) => Object.keys(change).length > 0, 'name at least one setting')
  .meta({ id: 'SettingsChange', ...SOME_FIELD });
export type SettingsChange = z.infer<typeof SettingsChange>;

/** Settings as they are shown: the proxy without its credentials. */
export const ShownSettings = z
  .object({
    pacing: Pacing.nullable(),
    proxy: z.string().nullable().meta({ description: 'Its credentials are shown as ***.' }),
    history: z.boolean(),
    webhooks: z.boolean(),
  })
  .meta({ id: 'Settings' });
export type ShownSettings = z.infer<typeof ShownSettings>;

/**
 * The settings that a worker needs. `rev` rises with every change and is separate from the session's own
 * `rev`, so that a changed pace never restarts a session whose QR has run out.
 */
export const WorkerSettings = z
  .object({
    rev: z.number().int(),
    pacing: Pacing.nullable().default(null),
    proxy: z.string().nullable().default(null),
    history: z.boolean().default(true),
  })
  .meta({ id: 'WorkerSettings' });
export type WorkerSettings = z.infer<typeof WorkerSettings>;

export const StoredSettings = WorkerSettings.extend({ webhooks: z.boolean().default(true) });
export type StoredSettings = z.infer<typeof StoredSettings>;

export const DEFAULT_SETTINGS: StoredSettings = {
  rev: 0,
  pacing: null,
  proxy: null,
  history: true,
  webhooks: true,
};

/**
 * Applies a change to settings. A masked proxy that comes back as it was shown stays as it is.
 * @param now in milliseconds: `rev` exceeds it, so that a session created anew under an old id continues
 * above
 */
export function changeSettings(before: StoredSettings, change: SettingsChange, now: number): StoredSettings {
  const { proxy, ...rest } = change;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const isSameProxy = proxy === undefined || (proxy !== null && proxy === shownProxy(before));
  return {
    ...before,
    ...given,
    proxy: isSameProxy ? before.proxy : proxy,
    rev: Math.max(before.rev + 1, now),
  };
}

const shownProxy = ({ proxy }: StoredSettings) => (proxy === null ? null : maskProxy(proxy));

export function showSettings(settings: StoredSettings = DEFAULT_SETTINGS): ShownSettings {
  const { pacing, history, webhooks } = settings;
  return { pacing, proxy: shownProxy(settings), history, webhooks };
}

export function toWorkerSettings(settings: StoredSettings): WorkerSettings {
  const { rev, pacing, proxy, history } = settings;
  return { rev, pacing, proxy, history };
}

const PROTOCOLS = /^(https?|socks5h?):$/;

/** Says what is wrong with a proxy's URL as it is written, as a sentence; `undefined` where nothing is. */
export function findProxyFault(text: string): string | undefined {
  if (!URL.canParse(text)) return 'use a URL such as http://proxy.example.com:8080';
  const { protocol, hostname, pathname, search, hash } = new URL(text);
  if (!PROTOCOLS.test(protocol)) return 'use an http, https or socks5 URL';
  if (hostname === '') return 'name the proxy’s host';
  if ((pathname !== '' && pathname !== '/') || search !== '' || hash !== '')
    return 'a proxy’s URL ends with its port';
  return undefined;
}

/** User names of proxies are often secret too, so no part of the credentials is shown. */
export function maskProxy(text: string): string {
  const { protocol, username, password, host } = new URL(text);
  return `${protocol}//${username === '' && password === '' ? '' : '***@'}${host}`;
}
