import { DEFAULT_MAX_BODY_BYTES, type Group } from '../contract/route.ts';
import { ADDRESS_RATE, LOGIN_RATE, REQUEST_RATES } from '../limits/rates.ts';
import { LIMITS } from './limits-guide.ts';

const TAGS: Readonly<Record<Group, string>> = {
  auth: 'Accounts: register, log in, stay logged in, reset a password.',
  users: 'The own account and its keys; all accounts for administrators.',
  sessions: 'WhatsApp sessions: create, connect, show the QR, end.',
  messages: 'Send messages, and see what became of them.',
  conversations: 'Contacts, groups, presence and read receipts.',
  webhooks: 'Have events sent to URLs of yours.',
  analytics: 'Counts by day.',
  workers: 'What workers call to take part.',
  callbacks: 'What workers report.',
  admin: 'Operations across tenants and workers.',
  system: 'What needs no account.',
};

const rates = Object.entries(REQUEST_RATES)
  .map(
    ([tier, { account, key }]) =>
      `| ${tier} | ${account.perSecond} a second, ${account.burst} at once | ${key.perSecond} a second, ${key.burst} at once |`,
  )
  .join('\n');

/** What holds for every operation. */
export const GUIDE = `JSON over HTTP. A success is \`{ "success": true, "data": … }\`; a failure is
\`{ "success": false, "error", "code", "requestId" }\`, its code one of the schema \`Failure\`. Times are ISO-8601 in UTC.
Ids of sessions and workers are normalised: lower case, hyphens for anything but letters and digits. Enumerations are accepted
in any case. A body field or a query parameter that is not declared is 400 \`VALIDATION_ERROR\`, which names the nearest one that is; workers may send
what another release understands. \`X-Api-Key: …\` means the same as \`Authorization: Bearer …\`, and PATCH the same as PUT.

## Limits

- A body of JSON has at most ${DEFAULT_MAX_BODY_BYTES} bytes, else 413. The gateway in front of it refuses more than 10 MB by itself.
- A request is answered within 28 seconds; the gateway in front ends it after 30.
- Requests are counted by account and by key; 429 says in \`Retry-After\` when to come back:

| tier | an account | each of its keys |
|---|---|---|
${rates}

- Public routes of accounts: ${ADDRESS_RATE.perSecond} a second from one address, ${ADDRESS_RATE.burst} at once; attempts to log in to one account: ${LOGIN_RATE.burst} at once, then one every ${Math.round(1 / LOGIN_RATE.perSecond)} seconds.
- Lists answer at most 100 entries a page.

| what | at most |
|---|---|
${LIMITS.map((row) => `| ${row.join(' | ')} |`).join('\n')}

Answers 413, 429 and 503 of the gateway in front have a shape of their own, \`{ "message" }\`. An unknown path is 404, an unknown method 405 with \`Allow\`.`;

/** The groups of routes, with what each is for. */
export const tags = Object.entries(TAGS).map(([name, description]) => ({ name, description }));
