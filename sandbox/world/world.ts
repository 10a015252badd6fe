import { createHash, randomBytes } from 'node:crypto';
import { SandboxError } from '../sandbox-error.ts';
import type { NewAccount, NewContact, SandboxSettings } from '../verbs.ts';
import { digitsOf, parseJid } from '../wire/jid.ts';
import { Account, type AccountState } from './account.ts';
import { FaultPlan } from './fault-plan.ts';
import type { Channel, Group } from './group.ts';

/** Everybody there is: accounts, groups, the settings and the faults. */
export class World {
  readonly accounts = new Map<string, Account>();
  readonly groups = new Map<string, Group>();
  readonly channels = new Map<string, Channel>();
  readonly faults = new FaultPlan();
  settings: SandboxSettings;
  readonly #byLid = new Map<string, Account>();
  readonly #seed: string;
  #changed: (account: Account) => void = () => {};

  constructor(settings: SandboxSettings, seed?: string) {
    this.settings = settings;
    this.#seed = seed ?? randomBytes(8).toString('hex');
  }

  /** Called with every account whose stored state differs from now on. */
  onChange(listener: (account: Account) => void): void {
    this.#changed = listener;
  }

  touch(account: Account): void {
    this.#changed(account);
  }

  /** Adds the account, or changes what is given of the one there is. */
  put(given: NewAccount & Partial<NewContact>, defaults: { reads: boolean }): Account {
    const number = digitsOf(given.number);
    if (!/^\d{5,15}$/.test(number))
      throw new SandboxError(400, `"${given.number}" is not a phone number: 5 to 15 digits are needed.`);
    const known = this.accounts.get(number);
    const lid = given.lid === undefined ? (known?.profile.lid ?? this.#lidFor(number)) : digitsOf(given.lid);
    const other = this.#byLid.get(lid);
    if (other && other !== known)
      throw new SandboxError(409, `The LID ${lid} belongs to ${other.number} already.`);
    if (known && lid !== known.profile.lid)
      throw new SandboxError(409, `${number} has the LID ${known.profile.lid}, and a LID never changes.`);
    const account = known ?? this.#create(number, lid, defaults);
    const { profile } = account;
    profile.name = given.name ?? profile.name;
    profile.exists = given.exists ?? profile.exists;
    profile.delivers = given.delivers ?? profile.delivers;
    profile.reads = given.reads ?? profile.reads;
    if (given.replies !== undefined) profile.replies = given.replies;
    if (given.username !== undefined) profile.username = given.username;
    if (given.business !== undefined) profile.business = given.business;
    this.touch(account);
    return account;
  }

  restore(state: AccountState): void {
    this.#register(new Account(state.profile, state));
  }

  /** Throws 404 with a sentence when nobody has this number (or JID). */
  account(numberOrJid: string): Account {
    const account = this.find(numberOrJid) ?? this.accounts.get(digitsOf(numberOrJid));
    if (account) return account;
    throw new SandboxError(
      404,
      `There is no account ${numberOrJid}; add it with POST /accounts or /contacts.`,
    );
  }

  /** Whom a person's JID (either kind, any device) belongs to. */
  find(jid: string | undefined): Account | undefined {
    const parsed = parseJid(jid);
    if (!parsed) return undefined;
    return parsed.server === 'lid' ? this.#byLid.get(parsed.user) : this.accounts.get(parsed.user);
  }

  group(id: string): Group {
    const group = this.groups.get(id.includes('@') ? id : `${id}@g.us`);
    if (!group) throw new SandboxError(404, `There is no group ${id}.`);
    return group;
  }

  channel(id: string): Channel {
    const channel = this.channels.get(id.includes('@') ? id : `${id}@newsletter`);
    if (!channel) throw new SandboxError(404, `There is no channel ${id}.`);
    return channel;
  }

  /** Repeatable with the same seed, whatever else happens in between. */
  derive(...parts: (string | number)[]): Buffer {
    return createHash('sha256')
      .update([this.#seed, ...parts].join('|'))
      .digest();
  }

  clear(): void {
    this.accounts.clear();
    this.groups.clear();
    this.channels.clear();
    this.#byLid.clear();
    this.faults.clear();
  }

  #create(number: string, lid: string, defaults: { reads: boolean }): Account {
    const account = new Account({
      number,
      lid,
      name: `Person ${number.slice(-4)}`,
      exists: true,
      delivers: this.settings.delivers,
      reads: defaults.reads,
      replies: null,
      username: null,
      business: null,
    });
    this.#register(account);
    return account;
  }

  #register(account: Account): void {
    this.accounts.set(account.number, account);
    this.#byLid.set(account.profile.lid, account);
  }

  #lidFor(number: string): string {
    const digits = BigInt(`0x${this.derive('lid', number).toString('hex').slice(0, 16)}`) % 10n ** 14n;
    return `1${digits.toString().padStart(14, '0')}`;
  }
}
