import type * as z from 'zod';
import { SandboxError } from '../sandbox-error.ts';
import type { SandboxVerbs } from '../verbs.ts';
import * as schemas from './schemas.ts';

type Call = { number: string; body: unknown; query: unknown };
type Route = {
  method: string;
  /** `{number}` stands for an account's number. */
  path: string;
  summary: string;
  takes: z.ZodType;
  run: (verbs: SandboxVerbs, call: Call) => Promise<unknown>;
};

/** Ties a schema to what is done with what it lets through; undefined values are left out. */
function route<T>(
  method: string,
  path: string,
  summary: string,
  takes: z.ZodType<T>,
  run: (verbs: SandboxVerbs, given: Given<T>, number: string) => Promise<unknown>,
): Route {
  return {
    method,
    path,
    summary,
    takes,
    run: (verbs, { number, body, query }) =>
      run(verbs, parse(takes, method === 'POST' ? body : query), number),
  };
}

type Given<T> = { [K in keyof T]: T[K] };

function parse<T>(schema: z.ZodType<T>, given: unknown): T {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`);
  throw new SandboxError(400, `This does not fit: ${issues.join('; ')}.`);
}

const routes: Route[] = [
  route('GET', '/accounts', 'all accounts and contacts', schemas.Empty, (verbs) => verbs.listAccounts()),
  route(
    'POST',
    '/accounts',
    'adds (or changes) a person whose phone can scan',
    schemas.NewAccountBody,
    (verbs, body) => verbs.addAccount(body),
  ),
  route(
    'POST',
    '/contacts',
    'adds (or changes) a person with habits',
    schemas.NewContactBody,
    (verbs, body) => verbs.addContact(body),
  ),
  route(
    'POST',
    '/accounts/{number}/scan',
    'the phone scans a QR text; {status: "rescan"} asks for the new QR, {status: "linked"} is done',
    schemas.ScanBody,
    (verbs, { qr }, number) => verbs.scan(number, qr),
  ),
  route(
    'POST',
    '/accounts/{number}/enter-code',
    'the phone enters a pairing code',
    schemas.EnterCodeBody,
    (verbs, { code }, number) => verbs.enterCode(number, code),
  ),
  route(
    'POST',
    '/accounts/{number}/unlink',
    'the phone removes a linked device, or all',
    schemas.UnlinkBody,
    (verbs, { device }, number) => verbs.unlink(number, device),
  ),
  route(
    'POST',
    '/accounts/{number}/send',
    'the phone sends; "{n}" in the text of a series is its number',
    schemas.SendBody,
    (verbs, body, number) => verbs.send(number, body),
  ),
  route(
    'POST',
    '/accounts/{number}/call',
    'the phone calls somebody',
    schemas.CallBody,
    (verbs, body, number) => verbs.call(number, body),
  ),
  route(
    'POST',
    '/accounts/{number}/receipt',
    'the phone sends a receipt with whatever ids are in it',
    schemas.ForgedReceiptBody,
    (verbs, body, number) => verbs.forgeReceipt(number, body),
  ),
  route(
    'POST',
    '/accounts/{number}/timer',
    'disappearing messages of a chat, set on the phone',
    schemas.TimerBody,
    (verbs, body, number) => verbs.setTimer(number, body),
  ),
  route(
    'POST',
    '/accounts/{number}/past',
    'what the phone has from earlier days: history for devices linked later',
    schemas.PastBody,
    (verbs, body, number) => verbs.addPast(number, body),
  ),
  route(
    'POST',
    '/accounts/{number}/forget-media',
    'the media host forgets the file of a message, which the phone has; with `everywhere` it has not',
    schemas.ForgetMediaBody,
    (verbs, body, number) => verbs.forgetMedia(number, body),
  ),
  route(
    'POST',
    '/accounts/{number}/stanza',
    'gives linked devices a stanza as it is; bytes are written as {"base64": …}',
    schemas.StanzaBody,
    (verbs, body, number) => verbs.pushStanza(number, body),
  ),
  route(
    'GET',
    '/accounts/{number}/inbox',
    'what the phone decrypted; waits up to `wait` ms for `count` matches',
    schemas.InboxParameters,
    (verbs, { wait, ...query }, number) => verbs.inbox(number, { ...query, waitMs: wait ?? 0 }),
  ),
  route(
    'GET',
    '/accounts/{number}/receipts',
    'what became of what the phone sent',
    schemas.ReceiptParameters,
    (verbs, { wait, ...query }, number) => verbs.receipts(number, { ...query, waitMs: wait ?? 0 }),
  ),
  route(
    'GET',
    '/accounts/{number}/presences',
    'what the phone was shown of others: typing, online',
    schemas.PresenceParameters,
    (verbs, { wait, ...query }, number) => verbs.presences(number, { ...query, waitMs: wait ?? 0 }),
  ),
  route('GET', '/accounts/{number}/devices', 'linked devices', schemas.Empty, (verbs, _query, number) =>
    verbs.devices(number),
  ),
  route('GET', '/connections', 'open sockets', schemas.Empty, (verbs) => verbs.connections()),
  route('GET', '/counters', 'what was counted, by account', schemas.Empty, (verbs) => verbs.counters()),
  route('GET', '/faults', 'faults that are set', schemas.Empty, (verbs) => verbs.listFaults()),
  route('POST', '/faults', 'sets a fault, or strikes at once', schemas.FaultBody, (verbs, body) =>
    verbs.addFault(body),
  ),
  route(
    'DELETE',
    '/faults',
    'clears faults (?kind=, ?account=) and lets held acks go',
    schemas.FaultParameters,
    (verbs, query) => verbs.clearFaults(query),
  ),
  route('POST', '/options', 'changes settings, answers all of them', schemas.OptionsBody, (verbs, body) =>
    verbs.setOptions(body),
  ),
  route('GET', '/groups', 'all groups', schemas.Empty, (verbs) => verbs.listGroups()),
  route('POST', '/groups', 'founds a group', schemas.GroupBody, (verbs, body) => verbs.createGroup(body)),
  route('POST', '/channels', 'begins a channel', schemas.ChannelBody, (verbs, body) =>
    verbs.createChannel(body),
  ),
  route(
    'POST',
    '/channels/post',
    'a post of a channel, to its followers',
    schemas.PostBody,
    (verbs, { channel, ...post }) => verbs.post(channel, post),
  ),
  route(
    'POST',
    '/reset',
    'forgets all people, groups and faults, and cuts all connections',
    schemas.Empty,
    (verbs) => verbs.reset(),
  ),
];

/** Throws 404 with a sentence when there is no such route. */
export function findRoute(method: string, pathname: string): { route: Route; number: string } {
  for (const one of routes) {
    if (one.method !== method) continue;
    const pattern = new RegExp(`^${one.path.replace('{number}', '([^/]+)')}/?$`);
    const match = pattern.exec(pathname);
    if (match) return { route: one, number: decoded(match[1] ?? '') };
  }
  throw new SandboxError(404, `There is no ${method} ${pathname}; GET / lists what there is.`);
}

/** What `GET /` answers. */
export function describeRoutes(): unknown {
  return {
    sandbox: 'A WhatsApp that runs on this machine. Everything here is JSON.',
    routes: routes.map(({ method, path, summary, takes }) => ({
      route: `${method} ${path}`,
      summary,
      takes: inputOf(takes),
    })),
  };
}

function inputOf(schema: z.ZodType): unknown {
  const shape = 'shape' in schema ? (schema.shape as Record<string, z.ZodType>) : {};
  return Object.fromEntries(
    Object.entries(shape).map(([name, field]) => [name, field.isOptional() ? 'optional' : 'required']),
  );
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new SandboxError(400, `"${part}" in the address is not properly encoded.`);
  }
}
