import { pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { SandboxError } from '../sandbox-error.ts';
import { agree, generateKeyPair, type KeyPair } from '../signal/curve.ts';
import { encryptCtr, hkdf, openGcm } from '../signal/kdf.ts';
import type { ScanResult } from '../verbs.ts';
import { serverAddress } from '../wire/jid.ts';
import { bytesOf, child, nowSeconds, type Stanza, stanza } from '../wire/stanza.ts';
import type { Account } from '../world/account.ts';
import type { Exchange } from './exchange.ts';
import type { LinkAttempt } from './link-attempt.ts';
import type { Linking } from './linking.ts';

/** A client that shows a code, and what the phone has answered so far. */
type PairingRequest = {
  attempt: LinkAttempt;
  account: Account;
  ref: Buffer;
  /** Salt (32), IV (16) and the companion's ephemeral key, encrypted with the code. */
  wrappedCompanionKey: Buffer;
  hello: { ephemeral: KeyPair; companionKey: Buffer; finish: (node: Stanza) => boolean } | null;
};

const derive = promisify(pbkdf2);
/** Baileys' `derivePairingCodeKey`: `2 << 16` rounds. */
const rounds = 131_072;
const answerWithinMs = 20_000;
const noBytes = Buffer.alloc(0);

/** Linking by an eight-character code (`link_code_companion_reg`), with the phone's half of the crypto. */
export class PairingCodes {
  readonly #exchange: Exchange;
  readonly #linking: Linking;
  readonly #requests = new Map<string, PairingRequest>();

  constructor(exchange: Exchange, linking: Linking) {
    this.#exchange = exchange;
    this.#linking = linking;
  }

  /** Answers the client's `companion_hello` and `companion_finish`. */
  answer(attempt: LinkAttempt, node: Stanza): Stanza {
    const request = child(node, 'link_code_companion_reg');
    const attrs = { id: node.attrs['id'], from: serverAddress };
    const refuse = (code: number, text: string) =>
      stanza('iq', { ...attrs, type: 'error' }, [stanza('error', { code, text })]);
    if (request?.attrs['stage'] === 'companion_hello') {
      const account = this.#exchange.world.find(request.attrs['jid']);
      if (!account?.profile.exists) return refuse(404, 'item-not-found');
      const ref = this.#remember(attempt, account, request);
      const content = stanza('link_code_companion_reg', {}, [stanza('link_code_pairing_ref', {}, ref)]);
      return stanza('iq', { ...attrs, type: 'result' }, [content]);
    }
    const known = [...this.#requests.values()].find((one) => one.attempt === attempt);
    if (!known?.hello || !request) return refuse(400, 'bad-request');
    const accepted = known.hello.finish(request);
    return accepted ? stanza('iq', { ...attrs, type: 'result' }) : refuse(400, 'bad-request');
  }

  /** The phone enters the code. Throws with the sentence that the phone would show. */
  async enter(account: Account, code: string): Promise<ScanResult> {
    const typed = code.replace(/[\s-]/g, '').toUpperCase();
    if (typed.length !== 8) throw new SandboxError(400, 'A pairing code has eight characters.');
    const request = this.#requests.get(account.number);
    if (!request?.attempt.connection.open)
      throw new SandboxError(409, `No client is waiting to be linked to ${account.number} by code.`);
    if (this.#linking.demandPasskey(account, request.attempt))
      throw new SandboxError(409, 'The account demands a passkey to link devices.');
    const secret = await this.#agreeOnSecret(request, typed);
    this.#requests.delete(account.number);
    return this.#linking.offer(account, request.attempt, secret);
  }

  #remember(attempt: LinkAttempt, account: Account, request: Stanza): Buffer {
    const wrappedCompanionKey = bytesOf(request, 'link_code_pairing_wrapped_companion_ephemeral_pub');
    const ref = Buffer.from(`3@${randomBytes(24).toString('base64')}`);
    this.#requests.set(account.number, { attempt, account, ref, wrappedCompanionKey, hello: null });
    return ref;
  }

  async #agreeOnSecret(request: PairingRequest, code: string): Promise<Buffer> {
    const wrapped = request.wrappedCompanionKey;
    const companionKey = await wrapWithCode(code, wrapped.subarray(0, 48), wrapped.subarray(48));
    const ephemeral = generateKeyPair();
    const prefix = randomBytes(48);
    const wrappedOwn = Buffer.concat([prefix, await wrapWithCode(code, prefix, ephemeral.public)]);
    return new Promise((resolve, reject) => {
      const late = new SandboxError(409, 'The client did not finish pairing in time.');
      const timer = setTimeout(() => reject(late), answerWithinMs).unref();
      const finish = (node: Stanza): boolean => {
        clearTimeout(timer);
        const secret = readKeyBundle(request, ephemeral, companionKey, node);
        request.hello = null;
        if (secret) resolve(secret);
        else reject(new SandboxError(409, 'The code is wrong: it is not the one that the client shows.'));
        return secret !== null;
      };
      request.hello = { ephemeral, companionKey, finish };
      request.attempt.connection.send(this.#primaryHello(request, wrappedOwn));
    });
  }

  #primaryHello(request: PairingRequest, wrapped: Buffer): Stanza {
    const attrs = {
      from: serverAddress,
      type: 'link_code_companion_reg',
      id: this.#exchange.nextId(),
      t: nowSeconds(),
    };
    const content = [
      stanza('link_code_pairing_wrapped_primary_ephemeral_pub', {}, wrapped),
      stanza('primary_identity_pub', {}, request.account.keys.identity.public),
      stanza('link_code_pairing_ref', {}, request.ref),
    ];
    return stanza('notification', attrs, [
      stanza('link_code_companion_reg', { stage: 'primary_hello' }, content),
    ]);
  }
}

/** The linking secret, or null when the bundle does not open: then the codes were not the same. */
function readKeyBundle(
  request: PairingRequest,
  ephemeral: KeyPair,
  companionKey: Buffer,
  node: Stanza,
): Buffer | null {
  const bundle = bytesOf(node, 'link_code_pairing_wrapped_key_bundle');
  const { identity: primary } = request.account.keys;
  const identity = bytesOf(node, 'companion_identity_public');
  if (bundle.length < 60 || !identity.equals(request.attempt.identity)) return null;
  if (!bytesOf(node, 'link_code_pairing_ref').equals(request.ref)) return null;
  const shared = agree(ephemeral.private, companionKey);
  const key = hkdf(shared, 32, 'link_code_pairing_key_bundle_encryption_key', bundle.subarray(0, 32));
  try {
    const opened = openGcm(key, bundle.subarray(32, 44), bundle.subarray(44), noBytes);
    if (!opened.subarray(0, 32).equals(identity) || !opened.subarray(32, 64).equals(primary.public))
      return null;
    const identityShared = agree(primary.private, identity);
    return hkdf(Buffer.concat([shared, identityShared, opened.subarray(64)]), 32, 'adv_secret');
  } catch {
    return null;
  }
}

/** AES-CTR under the key derived from the code; the prefix is salt (32) and IV (16). */
async function wrapWithCode(code: string, prefix: Buffer, data: Buffer): Promise<Buffer> {
  const key = await derive(Buffer.from(code), prefix.subarray(0, 32), rounds, 32, 'sha256');
  return encryptCtr(key, prefix.subarray(32, 48), data);
}
