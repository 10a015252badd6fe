import { ACCESS_TOKEN_TTL_S } from '../accounts/access-tokens.ts';
import { MAX_KEYS_PER_ACCOUNT } from '../accounts/keys/store.ts';
import { RESET_RATE, SESSION_LIMITS } from '../limits/rates.ts';
import { MAX_PART_BYTES } from '../messages/outbox/body-parts.ts';
import { PACES } from '../messages/outbox/pacing.ts';
import { MAX_AHEAD_DAYS, MAX_WAIT_MS } from '../messages/outbox/store.ts';
import { MAX_WAITING } from '../messages/outbox/wake-up-store.ts';
import { MAX_SUBSCRIPTIONS } from '../realtime/store.ts';
import { MAX_WEBHOOKS } from '../webhooks/webhook-item.ts';

const DAY_MS = 24 * 3_600_000;
const byTier = (of: Readonly<Record<string, number>>) =>
  Object.entries(of)
    .map(([tier, count]) => `${tier} ${count}`)
    .join(', ');
const paces = Object.fromEntries(Object.entries(PACES).map(([tier, { perMinute }]) => [tier, perMinute]));

/** What else is bounded, each number from the constant that bounds it. */
export const LIMITS: readonly (readonly [what: string, limit: string])[] = [
  ['Sessions of an account', byTier(SESSION_LIMITS)],
  ['API keys of an account, without those of its sessions', String(MAX_KEYS_PER_ACCOUNT)],
  ['Webhooks of an account', String(MAX_WEBHOOKS)],
  [
    'Messages a minute that leave one session from the outbox, unless `settings.pacing` says otherwise',
    byTier(paces),
  ],
  ['Messages that wait for one session', String(MAX_WAITING)],
  [
    'How long a message with `async` waits for a session that is offline',
    `${MAX_WAIT_MS / DAY_MS} days, then it fails`,
  ],
  ['How far ahead `scheduledAt` may be', `${MAX_AHEAD_DAYS} days`],
  ['A message that is sent later (`async`, `scheduledAt`, bulk)', `${MAX_PART_BYTES} bytes`],
  ['Subscriptions of one WebSocket connection', String(MAX_SUBSCRIPTIONS)],
  [
    'How long a WebSocket connection that was opened with a login’s JWT lasts',
    `until that ends, at most ${ACCESS_TOKEN_TTL_S / 60} minutes`,
  ],
  [
    'Password resets for one e-mail address',
    `${RESET_RATE.burst} at once, then one every ${Math.round(1 / RESET_RATE.perSecond)} seconds`,
  ],
];
