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
} from './verbs.ts';

/** An answer other than 2xx; the message is the sandbox's sentence. */
export class SandboxRequestError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'SandboxRequestError';
    this.status = status;
  }
}

type Query = Record<string, string | number | boolean | undefined>;

/** The sandbox's verbs over its control API. */
export class SandboxClient implements SandboxVerbs {
  readonly controlUrl: string;

  constructor(controlUrl: string) {
    this.controlUrl = controlUrl.replace(/\/$/, '');
  }

  listAccounts(): Promise<AccountView[]> {
    return this.#request('GET', '/accounts');
  }

  addAccount(account: NewAccount): Promise<AccountView> {
    return this.#request('POST', '/accounts', account);
  }

  addContact(contact: NewContact): Promise<AccountView> {
    return this.#request('POST', '/contacts', contact);
  }

  scan(number: string, qr: string): Promise<ScanResult> {
    return this.#request('POST', `${path(number)}/scan`, { qr });
  }

  enterCode(number: string, code: string): Promise<ScanResult> {
    return this.#request('POST', `${path(number)}/enter-code`, { code });
  }

  unlink(number: string, device?: number): Promise<{ unlinked: number[] }> {
    return this.#request('POST', `${path(number)}/unlink`, device === undefined ? {} : { device });
  }

  send(number: string, message: OutgoingMessage): Promise<SentMessages> {
    return this.#request('POST', `${path(number)}/send`, message);
  }

  inbox(number: string, query: InboxQuery = {}): Promise<InboxPage> {
    return this.#request('GET', `${path(number)}/inbox`, undefined, waitQuery(query));
  }

  receipts(number: string, query: ReceiptQuery = {}): Promise<ReceiptPage> {
    return this.#request('GET', `${path(number)}/receipts`, undefined, waitQuery(query));
  }

  presences(number: string, query: PresenceQuery = {}): Promise<PresencePage> {
    return this.#request('GET', `${path(number)}/presences`, undefined, waitQuery(query));
  }

  devices(number: string): Promise<DeviceView[]> {
    return this.#request('GET', `${path(number)}/devices`);
  }

  connections(): Promise<ConnectionView[]> {
    return this.#request('GET', '/connections');
  }

  counters(): Promise<Record<string, AccountCounters>> {
    return this.#request('GET', '/counters');
  }

  addFault(fault: FaultRequest): Promise<FaultView> {
    return this.#request('POST', '/faults', fault);
  }

  listFaults(): Promise<FaultView[]> {
    return this.#request('GET', '/faults');
  }

  clearFaults(filter: { kind?: FaultKind; account?: string } = {}): Promise<{ cleared: number }> {
    return this.#request('DELETE', '/faults', undefined, filter);
  }

  setOptions(change: Partial<SandboxSettings>): Promise<SandboxSettings> {
    return this.#request('POST', '/options', change);
  }

  createGroup(group: NewGroup): Promise<GroupView> {
    return this.#request('POST', '/groups', group);
  }

  listGroups(): Promise<GroupView[]> {
    return this.#request('GET', '/groups');
  }

  forgeReceipt(number: string, receipt: ForgedReceipt): Promise<{ ids: number }> {
    return this.#request('POST', `${path(number)}/receipt`, receipt);
  }

  call(number: string, call: { to: string; video?: boolean }): Promise<{ callId: string }> {
    return this.#request('POST', `${path(number)}/call`, call);
  }

  createChannel(channel: NewChannel): Promise<ChannelView> {
    return this.#request('POST', '/channels', channel);
  }

  post(channel: string, post: ChannelPost): Promise<{ id: string; serverId: string }> {
    return this.#request('POST', '/channels/post', { channel, ...post });
  }

  setTimer(number: string, timer: { to: string; seconds: number }): Promise<{ ids: string[] }> {
    return this.#request('POST', `${path(number)}/timer`, timer);
  }

  addPast(number: string, past: NewPast): Promise<{ ids: string[] }> {
    return this.#request('POST', `${path(number)}/past`, past);
  }

  forgetMedia(number: string, file: ForgottenFile): Promise<{ directPath: string }> {
    return this.#request('POST', `${path(number)}/forget-media`, file);
  }

  pushStanza(number: string, given: RawStanza): Promise<{ devices: number[] }> {
    return this.#request('POST', `${path(number)}/stanza`, given);
  }

  async reset(): Promise<void> {
    await this.#request('POST', '/reset', {});
  }

  async #request<T>(method: string, route: string, body?: unknown, query: Query = {}): Promise<T> {
    const url = new URL(this.controlUrl + route);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const response = await fetch(url, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const answer = (await response.json()) as unknown;
    if (response.ok) return answer as T;
    throw new SandboxRequestError(response.status, sentenceOf(answer));
  }
}

function path(number: string): string {
  return `/accounts/${encodeURIComponent(number)}`;
}

function waitQuery({ waitMs, ...rest }: InboxQuery | ReceiptQuery | PresenceQuery): Query {
  return { ...rest, ...(waitMs === undefined ? {} : { wait: waitMs }) };
}

function sentenceOf(answer: unknown): string {
  const known = typeof answer === 'object' && answer !== null && 'error' in answer;
  return known ? String(answer.error) : 'The sandbox gave no reason.';
}
