// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these strings are source text.
/** One small deliberate fault: `replace` occurs exactly once in `file`, and `test` must fail where it reads `by`. */
export interface Fault {
  name: string;
  file: string;
  replace: string;
  by: string;
  test: string;
}

type Replacement = readonly [name: string, replace: string, by: string];

const faultsIn = (file: string, test: string, ...replacements: readonly Replacement[]): Fault[] =>
  replacements.map(([name, replace, by]) => ({ name, file, replace, by, test }));

export const FAULTS: readonly Fault[] = [
  ...faultsIn(
    'shared/limits/token-bucket.ts',
    'test/shared/limits/token-bucket.test.ts',
    [
      'a bucket allows one request too many',
      '(rate.burst - 1) * intervalMs(rate)',
      'rate.burst * intervalMs(rate)',
    ],
    ['an idle bucket never fills', 'level === undefined || level <= now', 'level === undefined'],
  ),
  ...faultsIn(
    'shared/retry/back-off.ts',
    'test/shared/retry/back-off.test.ts',
    [
      'a back-off has no bound',
      'Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 30))',
      'firstMs * 2 ** Math.min(attempt, 30)',
    ],
    ['a back-off has no jitter', '(0.5 + random() / 2)', '1'],
  ),
  ...faultsIn(
    'shared/text/slug.ts',
    'test/shared/text/slug.test.ts',
    [
      'a slug keeps upper case',
      '    .toLowerCase()\n    .replace(/\\p{Diacritic}',
      '    .replace(/\\p{Diacritic}',
    ],
    ['hyphens at the ends of a slug stay', ".replace(/^-+|-+$/g, '')", ".replace(/^-+/g, '')"],
  ),
  ...faultsIn(
    'shared/contract/cursor.ts',
    'test/shared/contract/cursor.test.ts',
    [
      'a cursor of another list is taken',
      'if (toCursor(list, position) === cursor) return position;',
      'return position;',
    ],
    [
      'the last page claims another one',
      'rows.length > query.limit && last',
      'rows.length >= query.limit && last',
    ],
  ),
  ...faultsIn(
    'shared/contract/match-path.ts',
    'test/shared/contract/match-path.test.ts',
    ['a parameter wins over a literal segment', 'entries.sort(bySpecificity)', 'entries.reverse()'],
    ['an empty path parameter is accepted', "if (value === '') return undefined;", ''],
    ['path parameters stay encoded', 'decodeURIComponent(value)', 'value'],
  ),
  ...faultsIn(
    'shared/errors/render-error.ts',
    'test/functions/http/http-function.test.ts',
    [
      'an unexpected failure shows its own text',
      'error: error.message,',
      'error: thrown instanceof Error ? thrown.message : error.message,',
    ],
    ['Retry-After is a fraction', 'String(Math.ceil(error.retryAfterS))', 'String(error.retryAfterS)'],
  ),
  ...faultsIn('functions/http/authenticate.ts', 'test/functions/http/http-function.test.ts', [
    'the former worker token is refused',
    'matched = timingSafeEqual(shown, digest(candidate)) || matched;',
    'matched = timingSafeEqual(shown, digest(candidate));',
  ]),
  ...faultsIn('functions/http/authenticate.ts', 'test/laws/http-laws.test.ts', [
    'any identified caller may call any route',
    'if (!isAllowed(caller, callers)) throw notForThis(callers);',
    '',
  ]),
  ...faultsIn(
    'functions/http/idempotency.ts',
    'test/functions/http/idempotency.test.ts',
    ['two session keys share an idempotent answer', 'scope: session }', 'scope: undefined }'],
    [
      'a failure of ours is kept as the answer',
      'thrown.status >= 500) return await idempotency.release(hold)',
      'thrown.status >= 600) return await idempotency.release(hold)',
    ],
    [
      'an answer is not kept',
      'if (await idempotency.keep(hold, { status: statusCode, headers, body })) return;',
      'return;',
    ],
  ),
  ...faultsIn(
    'shared/idempotency/request-hash.ts',
    'test/functions/http/idempotency.test.ts',
    ['the order of JSON keys makes another request', '.toSorted(([a], [b]) => (a < b ? -1 : 1))', ''],
    ['any body fits an idempotency key', 'canonical(parseBody(body)), scope', 'scope'],
  ),
  ...faultsIn(
    'shared/idempotency/store.ts',
    'test/functions/http/idempotency.test.ts',
    [
      'idempotency keys are shared between accounts',
      '`IDEMPOTENCY#${userId}#${routeId}#${hash}`',
      '`IDEMPOTENCY#${routeId}#${hash}`',
    ],
    [
      'an idempotent answer never expires',
      "any(missing('pk'), atMost('expiresAt', now()), equals('holder', holder))",
      "any(missing('pk'), equals('holder', holder))",
    ],
  ),
  ...faultsIn(
    'shared/limits/account-guard.ts',
    'test/shared/limits/account-guard.test.ts',
    ['a disabled account goes on', 'facts.disabled || (tokenVersion', '(tokenVersion'],
    ['an ended login goes on', 'tokenVersion < facts.tokenVersion)', 'tokenVersion < 0)'],
    [
      'an older change overwrites a newer one',
      "any(missing('rev'), atMost('rev', rev))",
      "any(missing('rev'), atMost('rev', rev + 1_000))",
    ],
  ),
  ...faultsIn(
    'shared/accounts/access-tokens.ts',
    'test/shared/accounts/access-tokens.test.ts',
    [
      'the former secret is refused',
      'for (const secret of await secrets()) {',
      'for (const secret of (await secrets()).slice(0, 1)) {',
    ],
    ['an expired token is accepted', 'currentDate: new Date(now()),', 'currentDate: new Date(0),'],
  ),
  ...faultsIn(
    'shared/accounts/password.ts',
    'test/shared/accounts/password.test.ts',
    [
      'any password is right',
      'timingSafeEqual(actual, expected) && hash !== undefined',
      'hash !== undefined',
    ],
    [
      'waiting logins are not bounded',
      'if (queue.size >= MAX_WAITING)',
      'if (queue.size >= MAX_WAITING * 1_000)',
    ],
  ),
  ...faultsIn('shared/accounts/keys/api-key-text.ts', 'test/functions/accounts/api-keys.test.ts', [
    'any key of the right id is accepted',
    'shown.byteLength === kept.byteLength && timingSafeEqual(shown, kept)',
    'shown.byteLength === kept.byteLength',
  ]),
  ...faultsIn(
    'shared/messages/outbox/pacing.ts',
    'test/shared/messages/outbox/pacing.test.ts',
    ['a pace allows a larger burst', 'nextAt - (burst - 1) * interval', 'nextAt - (burst + 1) * interval'],
    ['a pause earns unlimited sends', 'Math.max(now, nextAt) + interval', 'nextAt + interval'],
  ),
  ...faultsIn(
    'shared/messages/recipient.ts',
    'test/shared/messages/recipient.test.ts',
    [
      'any broadcast list is a recipient',
      "if (server === 'broadcast' && user !== 'status') return undefined;",
      '',
    ],
    ['a number may begin with 0', '/^\\+?([1-9][0-9]{5,14})$/', '/^\\+?([0-9]{6,15})$/'],
  ),
  ...faultsIn(
    'shared/webhooks/delivery/sign.ts',
    'test/functions/webhooks/delivery/delivery.test.ts',
    ['a signature leaves out the id', '`${webhookId}.${timestamp}.${body}`', '`${timestamp}.${body}`'],
    [
      'the replaced secret does not sign',
      "secrets.map((secret) => signature(secret, content)).join(' ')",
      "signature(secrets[0] ?? '', content)",
    ],
  ),
  ...faultsIn('shared/webhooks/delivery/retry-schedule.ts', 'test/shared/webhooks/webhooks.test.ts', [
    'the pause that a receiver asks for is ignored',
    'Math.min(askedMs, MAX_ASKED_MS)',
    '0',
  ]),
  ...faultsIn(
    'shared/webhooks/webhook-item.ts',
    'test/functions/webhooks/delivery/delivery.test.ts',
    [
      'a webhook hears of events it did not ask for',
      "if (!active || !events.some((wanted) => wanted === '*' || wanted === event.type)) return false;",
      'if (!active) return false;',
    ],
    [
      'a webhook hears of other sessions',
      'return sessionIds === null || event.sessionId === null || sessionIds.includes(event.sessionId);',
      'return true;',
    ],
  ),
  ...faultsIn(
    'shared/workers/placement.ts',
    'test/shared/workers/placement.test.ts',
    [
      'the fullest worker is chosen first',
      '.sort((a, b) => a.score - b.score ||',
      '.sort((a, b) => b.score - a.score ||',
    ],
    [
      'capacity does not count',
      'PLACEMENT_WEIGHTS.capacity * clamp(placesTaken(worker) / worker.maxSessions) +',
      '',
    ],
  ),
  ...faultsIn('shared/workers/worker-item.ts', 'test/shared/workers/store.test.ts', [
    'a lease ends without a margin',
    'now >= leaseExpiresAt + LEASE_MARGIN_MS',
    'now >= leaseExpiresAt + LEASE_MARGIN_MS - LEASE_TTL_MS',
  ]),
  ...faultsIn('shared/sessions/status-machine.ts', 'test/functions/workers/reports/callbacks.test.ts', [
    'a logged-out session is moved by late reports',
    "LOGGED_OUT: ['INITIALIZING', 'CONNECTING', 'QR_REQUIRED']",
    "LOGGED_OUT: ['INITIALIZING', 'CONNECTING', 'QR_REQUIRED', 'CONNECTED', 'DISCONNECTED', 'RECONNECTING']",
  ]),
  ...faultsIn(
    'shared/outbound/check-address.ts',
    'test/shared/outbound/check-address.test.ts',
    ['one public address of a name is enough', 'found.every(({ address })', 'found.some(({ address })'],
    ['IPv6 forms that carry IPv4 addresses are public', '&& ((ipv6.parts[0] ?? 0) & 0xe000) === 0x2000', ''],
    [
      'the metadata service is reachable in development',
      'if (parsed instanceof ipaddr.IPv6 && parsed.match(AWS_METADATA)) return false;',
      '',
    ],
  ),
  ...faultsIn('shared/outbound/outbound-policy.ts', 'test/shared/outbound/guarded-request.test.ts', [
    'a URL may carry credentials',
    "if (username !== '' || password !== '') return 'use a URL without credentials in it';",
    '',
  ]),
  ...faultsIn(
    'shared/messages/history/history-keys.ts',
    'test/shared/messages/history/read-history.test.ts',
    ['parts that a fold replaces are read as well', 'sorted.get(false) ?? [], covered', 'all, covered'],
  ),
  ...faultsIn(
    'functions/realtime/push.ts',
    'test/functions/realtime/realtime.test.ts',
    [
      'a client hears of sessions it did not subscribe to',
      "return subscriber.subscriptions.has('*') || subscriber.subscriptions.has(sessionId);",
      'return true;',
    ],
    [
      'an expired login keeps its connection',
      'if (subscriber.expiresAt <= now()) return await closeConnection(subscriber);',
      '',
    ],
    [
      'a session key hears of other sessions',
      'if (subscriber.sessionId !== undefined && subscriber.sessionId !== sessionId) return false;',
      '',
    ],
  ),
  ...faultsIn('functions/realtime/answer-frame.ts', 'test/functions/realtime/realtime.test.ts', [
    'another tenant’s session can be subscribed to',
    'session?.userId === connection.userId || connection.admin',
    'true',
  ]),
  ...faultsIn('functions/sessions/own-session.ts', 'test/laws/http-laws.test.ts', [
    'another tenant’s session is found',
    'if (session.userId !== tenant.userId) throw noSuchSession();',
    '',
  ]),
  ...faultsIn('functions/sessions/own-session.ts', 'test/functions/accounts/api-keys.test.ts', [
    'a session key reaches other sessions',
    "tenant.kind === 'user' || tenant.sessionId === undefined || tenant.sessionId === sessionId",
    'true',
  ]),
  ...faultsIn('functions/sessions/take-slot.ts', 'test/functions/sessions/create-session.test.ts', [
    'a creation that broke off uses up the tier for good',
    'await accounts.freeSlots(account.accountKey, abandoned);',
    '',
  ]),
  ...faultsIn('functions/messages/sending/handing.ts', 'test/functions/http/idempotency.test.ts', [
    'a repeated send has another message id',
    'if (seed === undefined) return render',
    'if (seed !== "") return render',
  ]),
  ...faultsIn('functions/messages/media/find-object.ts', 'test/functions/messages/media.test.ts', [
    'files of a deleted session are served to the next of its name',
    'modifiedAt >= Math.floor(Date.parse(createdAt) / 1_000) * 1_000',
    'modifiedAt >= 0 || createdAt === undefined',
  ]),
  ...faultsIn(
    'worker/control-plane/lease.ts',
    'test/worker/control-plane/lease.test.ts',
    [
      'a lease ignores the wall clock',
      'Math.max(now.monotonicMs - this.#sentAt.monotonicMs, now.wallMs - this.#sentAt.wallMs)',
      'now.monotonicMs - this.#sentAt.monotonicMs',
    ],
    ['a lease that has ended is extended', 'if (!this.isHeld()) return false;\n    this.grant', 'this.grant'],
  ),
  ...faultsIn(
    'worker/whatsapp/state/frame-guard.ts',
    'test/worker/whatsapp/state/frame-guard.test.ts',
    ['a frame leaves without the lease', 'if (!this.#ended && this.#mayLeave())', 'if (!this.#ended)'],
    [
      'a frame overtakes those that wait',
      'if (this.#draining === undefined && this.#journal.isDurable(batch))',
      'if (this.#journal.isDurable(batch))',
    ],
    [
      'a frame does not wait for storage',
      'if (!this.#journal.isDurable(frame.batch)) await this.#journal.whenDurable(frame.batch);',
      '',
    ],
  ),
  ...faultsIn(
    'worker/whatsapp/workarounds/rotate-linking-secret.ts',
    'test/worker/whatsapp/workarounds/rotate-linking-secret.test.ts',
    ['the secret is rotated while a pairing code is typed', ' || creds.pairingCode !== undefined', ''],
    ['the QR keeps the retired secret', '  fields[index] = secret;\n', ''],
  ),
  ...faultsIn(
    'worker/whatsapp/socket/close-policy.ts',
    'test/worker/whatsapp/socket/close-policy.test.ts',
    ['a logged-out device reconnects', "linked: { do: 'logged-out' },", 'linked: reconnect,'],
    [
      'a restart after pairing is an error',
      "linked: { do: 'restart' }",
      "linked: stop('RESTART', 'Connect again.')",
    ],
  ),
  ...faultsIn('worker/storage/journal/group-commit.ts', 'test/worker/storage/journal/journal.test.ts', [
    'a batch counts as durable before it is written',
    'return batch <= this.#durable;',
    'return batch <= this.#filling;',
  ]),
  ...faultsIn(
    'worker/storage/journal/read-journal.ts',
    'test/worker/storage/journal/journal.test.ts',
    [
      'credentials below the floor are read',
      '(epoch) => epoch >= floor && epoch <= options.epoch',
      '(epoch) => epoch <= options.epoch || floor < 0',
    ],
    [
      'a session that a newer owner has opened is opened',
      'if (keys.some((key) => (epochOfKey(key) ?? 0) > options.epoch)) {',
      'if (keys.length < 0) {',
    ],
  ),
  ...faultsIn('worker/sessions/sending/pacer.ts', 'test/worker/sessions/sending/pacer.test.ts', [
    'a repeated send takes a second turn',
    'if (messageId !== undefined && this.#turns.has(messageId)) return;',
    '',
  ]),
  ...faultsIn(
    'worker/sessions/connection/reconnect-delays.ts',
    'test/worker/sessions/connection/reconnect-delays.test.ts',
    [
      'a brief connection resets the back-off',
      'if (lasted >= this.#policy.stableMs) this.#attempts = 0;',
      'if (lasted >= 0) this.#attempts = 0;',
    ],
  ),
  ...faultsIn(
    'worker/whatsapp/signal/plaintext-memory.ts',
    'test/worker/whatsapp/signal/plaintext-memory.test.ts',
    [
      'a redelivered message is decrypted twice',
      "if (known === undefined) this.#space.set(id, plaintext, 'received');",
      '',
    ],
  ),
  ...faultsIn('worker/whatsapp/signal/signal-store.ts', 'test/worker/whatsapp/signal/signal-store.test.ts', [
    'frames do not wait for sender keys',
    "'session', 'sender-key', 'identity-key'",
    "'session', 'identity-key'",
  ]),
  ...faultsIn(
    'worker/sessions/registry/owner-commands.ts',
    'test/worker/sessions/registry/owner-commands.test.ts',
    [
      'a command that became older while it waited is carried out',
      '      // It may have become older while it waited.\n      refuseOlder(ownership, this.#seen);\n',
      '',
    ],
    [
      'owner commands do not wait for each other',
      'const outcome = this.#queue.run(async () => {',
      'const outcome = (async () => {',
    ],
  ),
  ...faultsIn(
    'worker/sessions/connection/current-connection.ts',
    'test/worker/sessions/connection/lost-lease.test.ts',
    [
      'frames leave a connection without the lease',
      'mayLeave: () => !currentStatus.ended && lease.isHeld(),',
      'mayLeave: () => !currentStatus.ended,',
    ],
    [
      'a worker without its lease accepts a send',
      'if (!this.#deps.lease.isHeld())',
      'if (this.#deps.lease === undefined)',
    ],
  ),
  ...faultsIn(
    'worker/sessions/sending/message-tracker.ts',
    'test/worker/sessions/connection/lost-lease.test.ts',
    ['an acknowledged message is never settled', '    this.#deps.auth()?.outgoing.settle(messageId);\n', ''],
  ),
  ...faultsIn(
    'functions/webhooks/delivery/deliver-message.ts',
    'test/functions/webhooks/delivery/delivery.test.ts',
    ['a retry that is claimed twice is posted twice', ' || item.dueAt !== message.dueAt', ''],
  ),
  ...faultsIn('shared/accounts/refresh-token-store.ts', 'test/functions/accounts/accounts.test.ts', [
    'a stolen refresh token leaves its family alive',
    'if (family !== undefined) await table.delete(key);',
    '',
  ]),
];
