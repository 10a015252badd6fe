import { addPast, forgetMedia } from '../phone/add-past.ts';
import { composeFor } from '../phone/compose-for.ts';
import { type Content, sendContent } from '../phone/send-content.ts';
import { setTimer } from '../phone/set-timer.ts';
import { SandboxError } from '../sandbox-error.ts';
import { beginChannel, postInChannel } from '../server/channels.ts';
import type { Chat } from '../server/envelope.ts';
import { addGroup, groupView } from '../server/group-directory.ts';
import type {
  AccountCounters,
  AccountView,
  ChannelPost,
  ChannelView,
  ConnectionView,
  DeviceView,
  FaultKind,
  FaultRequest,
  FaultView,
  ForgedReceipt,
  ForgottenFile,
  GroupView,
  InboxPage,
  InboxQuery,
  NewAccount,
  NewChannel,
  NewContact,
  NewGroup,
  NewPast,
  OutgoingMessage,
  PresencePage,
  PresenceQuery,
  RawStanza,
  ReceiptPage,
  ReceiptQuery,
  SandboxSettings,
  SandboxVerbs,
  ScanResult,
  SentMessages,
} from '../verbs.ts';
import { digitsOf, isGroupJid } from '../wire/jid.ts';
import { nowSeconds, readStanza, stanza } from '../wire/stanza.ts';
import type { Account } from '../world/account.ts';
import { strikeNow } from './strike-now.ts';
import type { VerbParts } from './verb-parts.ts';
import { accountView, connectionView, deviceView } from './views.ts';

/** How many messages go out before others get a turn. */
const sendBatch = 25;

/** The verbs, done in this process. The control API and the library are the same object. */
export class InProcessVerbs implements SandboxVerbs {
  readonly #parts: VerbParts;

  constructor(parts: VerbParts) {
    this.#parts = parts;
  }

  get #world() {
    return this.#parts.exchange.world;
  }

  async listAccounts(): Promise<AccountView[]> {
    return [...this.#world.accounts.values()].map(accountView);
  }

  async addAccount(given: NewAccount): Promise<AccountView> {
    return this.#put(given, { reads: false });
  }

  async addContact(given: NewContact): Promise<AccountView> {
    return this.#put(given, { reads: this.#world.settings.reads });
  }

  async scan(number: string, qr: string): Promise<ScanResult> {
    const account = this.#world.account(number);
    return this.#parts.linking.scan(account, qr);
  }

  async enterCode(number: string, code: string): Promise<ScanResult> {
    return this.#parts.pairingCodes.enter(this.#world.account(number), code);
  }

  async unlink(number: string, device?: number): Promise<{ unlinked: number[] }> {
    const account = this.#world.account(number);
    if (device !== undefined && !account.companions.has(device))
      throw new SandboxError(404, `${account.number} has no linked device ${device}.`);
    const gone = [...account.companions.values()].filter((one) => device === undefined || one.id === device);
    for (const companion of gone) this.#parts.companionSessions.unlink(account, companion);
    return { unlinked: gone.map((one) => one.id) };
  }

  async send(number: string, message: OutgoingMessage): Promise<SentMessages> {
    const account = this.#world.account(number);
    const chat = this.#chat(message);
    if (chat.kind === 'group' && !chat.group.participants.has(account.number))
      throw new SandboxError(409, `${account.number} is not in the group ${chat.group.id}.`);
    const count = message.count ?? 1;
    const ids: string[] = [];
    for (let index = 1; index <= count; index++) {
      const numbered = count === 1 ? message : { ...message, ...numberedText(message.text, index) };
      const { newSession = false, late = false, withheld = null, onlyLid = false } = message;
      const composed = composeFor(this.#parts, account, chat, numbered);
      const content: Content = { ...composed, newSession, late, withheld, onlyLid };
      if (message.id) content.id = count === 1 ? message.id : `${message.id}-${index}`;
      ids.push(sendContent(this.#parts.exchange, account, chat, content));
      if (index % sendBatch === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return { ids, timestamp: nowSeconds() };
  }

  async inbox(number: string, query: InboxQuery = {}): Promise<InboxPage> {
    const account = this.#world.account(number);
    const from = query.from === undefined ? undefined : digitsOf(query.from);
    const messages = await account.inbox.read({
      ...waiting(query),
      matches: (one) =>
        one.fromMe === (query.own ?? false) &&
        (from === undefined || one.from === from) &&
        (query.chat === undefined || one.chat === query.chat) &&
        (query.id === undefined || one.id === query.id),
    });
    return { messages, lastSeq: account.inbox.lastSeq, received: account.counters.messagesDecrypted };
  }

  async receipts(number: string, query: ReceiptQuery = {}): Promise<ReceiptPage> {
    const account = this.#world.account(number);
    const from = query.from === undefined ? undefined : digitsOf(query.from);
    const receipts = await account.receipts.read({
      ...waiting(query),
      matches: (one) =>
        (from === undefined || one.from === from) &&
        (query.device === undefined || one.device === query.device) &&
        (query.kind === undefined || one.kind === query.kind) &&
        (query.id === undefined || one.id === query.id),
    });
    return { receipts, lastSeq: account.receipts.lastSeq };
  }

  async presences(number: string, query: PresenceQuery = {}): Promise<PresencePage> {
    const account = this.#world.account(number);
    const from = query.from === undefined ? undefined : digitsOf(query.from);
    const presences = await account.presences.read({
      ...waiting(query),
      matches: (one) => from === undefined || one.from === from,
    });
    return { presences, lastSeq: account.presences.lastSeq };
  }

  async devices(number: string): Promise<DeviceView[]> {
    const account = this.#world.account(number);
    return [...account.companions.values()].map((one) => deviceView(this.#parts.exchange, account, one));
  }

  async connections(): Promise<ConnectionView[]> {
    return [...this.#parts.server.connections].map(connectionView);
  }

  async counters(): Promise<Record<string, AccountCounters>> {
    const all: Record<string, AccountCounters> = {};
    for (const account of this.#world.accounts.values()) {
      let oneTimePreKeys = 0;
      for (const companion of account.companions.values()) oneTimePreKeys += companion.preKeys.size;
      all[account.number] = { ...account.counters, oneTimePreKeys };
    }
    return all;
  }

  async addFault(request: FaultRequest): Promise<FaultView> {
    const account = request.account === undefined ? undefined : this.#world.account(request.account).number;
    const fault = { ...request, ...(account === undefined ? {} : { account }) };
    return strikeNow(this.#parts, fault) ?? this.#world.faults.add(fault);
  }

  async listFaults(): Promise<FaultView[]> {
    return this.#world.faults.list();
  }

  async clearFaults(filter: { kind?: FaultKind; account?: string } = {}): Promise<{ cleared: number }> {
    const account = filter.account === undefined ? {} : { account: digitsOf(filter.account) };
    return { cleared: this.#world.faults.clear({ ...filter, ...account }) };
  }

  async setOptions(change: Partial<SandboxSettings>): Promise<SandboxSettings> {
    this.#world.settings = { ...this.#world.settings, ...change };
    return this.#world.settings;
  }

  async createGroup(given: NewGroup): Promise<GroupView> {
    const creator = this.#world.account(given.creator);
    const others = given.participants.map((number) => this.#world.account(number));
    return groupView(addGroup(this.#parts.exchange, creator, given.subject, others));
  }

  async listGroups(): Promise<GroupView[]> {
    return [...this.#world.groups.values()].map(groupView);
  }

  async call(number: string, given: { to: string; video?: boolean }): Promise<{ callId: string }> {
    const { exchange } = this.#parts;
    const caller = this.#world.account(number);
    const called = this.#world.account(given.to);
    const from = caller.jid(this.#world.settings.addressing);
    const callId = exchange.world
      .derive('call', exchange.nextId())
      .toString('hex')
      .slice(0, 32)
      .toUpperCase();
    const media = given.video ? [stanza('video')] : [stanza('audio', { rate: 16_000, enc: 'opus' })];
    const attrs = { 'call-id': callId, 'call-creator': from, caller_pn: caller.jid('pn') };
    for (const companion of called.companions.values())
      exchange.push(
        called,
        companion,
        stanza('call', { from, id: exchange.nextId(), t: nowSeconds() }, [stanza('offer', attrs, media)]),
      );
    return { callId };
  }

  async forgeReceipt(number: string, given: ForgedReceipt): Promise<{ ids: number }> {
    const { exchange } = this.#parts;
    exchange.receipt({
      ids: given.ids,
      from: { account: this.#world.account(number), device: 0 },
      to: this.#world.account(given.to),
      toDevice: null,
      group: null,
      addressing: this.#world.settings.addressing,
      type: given.type ?? null,
      timestamp: nowSeconds(),
      content: [],
    });
    return { ids: given.ids.length };
  }

  async createChannel(given: NewChannel): Promise<ChannelView> {
    return beginChannel(this.#world, given);
  }

  async post(channel: string, post: ChannelPost): Promise<{ id: string; serverId: string }> {
    return postInChannel(this.#parts.exchange, this.#world.channel(channel), post);
  }

  async setTimer(number: string, timer: { to: string; seconds: number }): Promise<{ ids: string[] }> {
    const account = this.#world.account(number);
    return { ids: setTimer(this.#parts.exchange, account, this.#chat(timer), timer.seconds) };
  }

  async addPast(number: string, past: NewPast): Promise<{ ids: string[] }> {
    return { ids: addPast(this.#world, this.#world.account(number), past) };
  }

  async forgetMedia(number: string, file: ForgottenFile): Promise<{ directPath: string }> {
    return forgetMedia(this.#world, this.#world.account(number), file, this.#parts.mediaHost);
  }

  async pushStanza(number: string, { stanza: given, device }: RawStanza): Promise<{ devices: number[] }> {
    const account = this.#world.account(number);
    const companions = [...account.companions.values()].filter(
      ({ id }) => device === undefined || id === device,
    );
    for (const companion of companions) this.#parts.exchange.push(account, companion, readStanza(given));
    return { devices: companions.map(({ id }) => id) };
  }

  async reset(): Promise<void> {
    for (const connection of this.#parts.server.connections) connection.drop();
    this.#parts.phones.clear();
    for (const account of this.#world.accounts.values()) releaseReaders(account);
    this.#world.clear();
    await this.#parts.forget();
  }

  #put(given: NewContact, defaults: { reads: boolean }): AccountView {
    const account = this.#world.put(given, defaults);
    if (account.profile.delivers) this.#parts.phones.wake(account);
    return accountView(account);
  }

  #chat({ to, recipients }: Pick<OutgoingMessage, 'to' | 'recipients'>): Chat {
    if (to.endsWith('@broadcast')) {
      const people = (recipients ?? []).map((number) => this.#world.account(number));
      return { kind: 'list', id: to, recipients: people };
    }
    const isGroup = isGroupJid(to) || this.#world.groups.has(`${to}@g.us`);
    if (isGroup) return { kind: 'group', group: this.#world.group(to) };
    return { kind: 'person', account: this.#world.account(to) };
  }
}

export function releaseReaders(account: Account): void {
  account.inbox.release();
  account.receipts.release();
  account.presences.release();
}

function waiting({ waitMs = 0, count = 1, after = 0 }: InboxQuery): {
  waitMs: number;
  count: number;
  after: number;
} {
  return { waitMs, count, after };
}

/** `{n}` in the text of a series becomes the number of the message. */
function numberedText(text: string | undefined, index: number): { text?: string } {
  return text === undefined ? {} : { text: text.replaceAll('{n}', String(index)) };
}
