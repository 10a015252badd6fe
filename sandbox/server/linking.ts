import { proto } from '@whiskeysockets/baileys';
import { SandboxError } from '../sandbox-error.ts';
import { sign } from '../signal/curve.ts';
import { hmac } from '../signal/kdf.ts';
import type { ScanResult } from '../verbs.ts';
import { serverAddress } from '../wire/jid.ts';
import { bytesOf, child, nowSeconds, type Stanza, stanza } from '../wire/stanza.ts';
import type { WaConnection } from '../wire/wa-connection.ts';
import type { Account } from '../world/account.ts';
import { notifyDeviceChange } from './device-notifications.ts';
import type { Exchange } from './exchange.ts';
import {
  deviceSignatureProblem,
  type LinkAttempt,
  newCompanion,
  readQr,
  readRegistration,
} from './link-attempt.ts';

const confirmWithinMs = 20_000;
const accountSignaturePrefix = Buffer.from([6, 0]);

/** Linking by QR: refs out, the phone's scan, the account's signature, the device's signature back. */
export class Linking {
  readonly #exchange: Exchange;
  readonly #qrTtlMs: number;
  readonly #attempts = new Map<WaConnection, LinkAttempt>();
  readonly #byRef = new Map<string, LinkAttempt>();

  constructor(exchange: Exchange, qrTtlMs: number) {
    this.#exchange = exchange;
    this.#qrTtlMs = qrTtlMs;
  }

  attemptOf(connection: WaConnection): LinkAttempt | undefined {
    return this.#attempts.get(connection);
  }

  attempts(): IterableIterator<LinkAttempt> {
    return this.#attempts.values();
  }

  /** Throws when the registration's signed pre-key is not signed by its identity. */
  begin(connection: WaConnection, payload: proto.ClientPayload, noiseKey: Buffer): void {
    const attempt = readRegistration(connection, payload, noiseKey);
    this.#attempts.set(connection, attempt);
    for (const ref of attempt.refs) this.#byRef.set(ref, attempt);
    setTimeout(() => this.#expire(attempt), this.#qrTtlMs).unref();
    const refs = attempt.refs.map((ref) => stanza('ref', {}, Buffer.from(ref)));
    const attrs = { from: serverAddress, type: 'set', xmlns: 'md', id: this.#exchange.nextId() };
    connection.send(stanza('iq', attrs, [stanza('pair-device', {}, refs)]));
  }

  end(connection: WaConnection): void {
    const attempt = this.#attempts.get(connection);
    if (!attempt) return;
    this.#attempts.delete(connection);
    for (const ref of attempt.refs) this.#byRef.delete(ref);
    attempt.pending?.fail(new SandboxError(409, 'The client went away before the link was confirmed.'));
  }

  /** What the phone does with a QR code. Throws with the sentence that the phone would show. */
  scan(account: Account, qr: string): Promise<ScanResult> {
    const code = readQr(qr);
    const attempt = this.#byRef.get(code.ref);
    if (!attempt) throw new SandboxError(409, 'This QR code has expired, or the client is gone.');
    if (code.noiseKey !== attempt.noiseKey.toString('base64'))
      throw new SandboxError(409, "The QR code's noise key is not the one its client proved.");
    if (code.identity !== attempt.identity.toString('base64'))
      throw new SandboxError(409, "The QR code's identity is not the one its client registered.");
    if (this.demandPasskey(account, attempt))
      throw new SandboxError(409, 'The account demands a passkey to link devices.');
    if (this.#exchange.world.settings.linking === '2026') {
      if (attempt.retiredSecret === null) {
        attempt.retiredSecret = code.secret;
        this.#notify(attempt, 'companion_reg_refresh', [stanza('companion_reg_refresh')]);
        return Promise.resolve({ status: 'rescan' });
      }
      if (attempt.retiredSecret === code.secret)
        throw new SandboxError(
          409,
          "Couldn't link device: the secret in this QR code was retired; show the one with the new secret.",
        );
    }
    return this.offer(account, attempt, Buffer.from(code.secret, 'base64'));
  }

  /** True when the account wants a passkey: the client is told, and cannot go on. */
  demandPasskey(account: Account, attempt: LinkAttempt): boolean {
    if (!this.#exchange.world.faults.take('passkey', account.number)) return false;
    const options = { rpId: 'whatsapp.com', userVerification: 'required', challenge: 'c2FuZGJveA' };
    const content = Buffer.from(JSON.stringify({ publicKey: options }));
    // As reported in WhiskeySockets/Baileys#2672: WebAuthn options inside a notification.
    this.#notify(attempt, 'passkey_prologue_request', [stanza('passkey_prologue_request', {}, content)]);
    return true;
  }

  /** Signs the device into the account and waits for the client's signature in return. */
  offer(account: Account, attempt: LinkAttempt, secret: Buffer): Promise<ScanResult> {
    if (attempt.pending) throw new SandboxError(409, 'This client is being linked already.');
    const device = account.nextDevice++;
    const keyIndex = account.nextKeyIndex++;
    const rawId = account.keys.registrationId;
    const details = Buffer.from(
      proto.ADVDeviceIdentity.encode({ rawId, timestamp: nowSeconds(), keyIndex }).finish(),
    );
    const { identity } = account.keys;
    const accountSignature = sign(
      identity.private,
      Buffer.concat([accountSignaturePrefix, details, attempt.identity]),
    );
    const signed = proto.ADVSignedDeviceIdentity.encode({
      details,
      accountSignatureKey: identity.public,
      accountSignature,
    }).finish();
    const sealed = proto.ADVSignedDeviceIdentityHMAC.encode({
      details: signed,
      hmac: hmac(secret, signed),
    }).finish();
    const iqId = this.#exchange.nextId();
    const success = stanza('pair-success', {}, [
      stanza('device-identity', {}, sealed),
      stanza('device', { jid: account.jid('pn', device), lid: account.jid('lid', device) }),
      stanza('platform', { name: 'android' }),
    ]);
    const attrs = { from: serverAddress, type: 'set', id: iqId, t: nowSeconds() };
    return new Promise((resolve, reject) => {
      const late = new SandboxError(409, 'The client did not confirm the link in time.');
      const timer = setTimeout(() => reject(late), confirmWithinMs).unref();
      const settle = (result: ScanResult) => {
        clearTimeout(timer);
        resolve(result);
      };
      const fail = (error: Error) => {
        clearTimeout(timer);
        reject(error);
      };
      attempt.pending = { iqId, account, device, keyIndex, details, settle, fail };
      attempt.connection.send(stanza('iq', attrs, [success]));
    });
  }

  /** The client's answer to pair-success: its signature is checked, and the device exists. */
  confirm(attempt: LinkAttempt, node: Stanza): void {
    const { pending } = attempt;
    if (!pending || node.attrs['id'] !== pending.iqId) return;
    attempt.pending = null;
    const signature = child(child(node, 'pair-device-sign'), 'device-identity');
    const problem = deviceSignatureProblem(attempt, pending, bytesOf(signature));
    if (problem) {
      pending.fail(new SandboxError(409, problem));
      attempt.connection.close();
      return;
    }
    const { account, device } = pending;
    account.companions.set(device, newCompanion(attempt, pending));
    this.#exchange.world.touch(account);
    notifyDeviceChange(this.#exchange, account, { kind: 'add', device, keyIndex: pending.keyIndex });
    attempt.connection.send(stanza('stream:error', { code: 515 }));
    attempt.connection.close();
    pending.settle({
      status: 'linked',
      jid: account.jid('pn', device),
      lid: account.jid('lid', device),
      device,
    });
  }

  #notify(attempt: LinkAttempt, type: string, content: Stanza[]): void {
    const attrs = { from: serverAddress, type, id: this.#exchange.nextId(), t: nowSeconds() };
    attempt.connection.send(stanza('notification', attrs, content));
  }

  #expire(attempt: LinkAttempt): void {
    if (!this.#attempts.has(attempt.connection)) return;
    attempt.connection.send(stanza('stream:error', { code: 408 }, [stanza('ref-expired')]));
    attempt.connection.close();
  }
}
