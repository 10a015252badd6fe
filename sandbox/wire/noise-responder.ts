import { proto } from '@whiskeysockets/baileys';
import { agree, generateKeyPair } from '../signal/curve.ts';
import { hkdf, openGcm, sealGcm, sha256 } from '../signal/kdf.ts';
import type { NoiseIdentity } from './noise-identity.ts';

const mode = Buffer.from('Noise_XX_25519_AESGCM_SHA256\0\0\0\0');
const header = Buffer.from([0x57, 0x41, 6, 3]);
const nothing = Buffer.alloc(0);

/**
 * The server's half of Noise_XX_25519_AESGCM_SHA256 (https://noiseprotocol.org/noise.html), in
 * WhatsApp's dress: the prologue is the `WA` header, and both directions share one counter until the
 * handshake is over.
 */
export class NoiseResponder {
  readonly #identity: NoiseIdentity;
  readonly #chain: Buffer;
  readonly #ephemeral = generateKeyPair();
  #hash: Buffer = sha256(mode, header);
  #salt: Buffer = mode;
  #key: Buffer = mode;
  #counter = 0;
  #transport: { receive: Buffer; send: Buffer; received: number; sent: number } | null = null;

  constructor(identity: NoiseIdentity, chain: Buffer) {
    this.#identity = identity;
    this.#chain = chain;
  }

  /** Answers the client's hello with the server's. */
  answerHello(frame: Buffer): Buffer {
    const theirs = proto.HandshakeMessage.decode(frame).clientHello?.ephemeral;
    if (theirs?.length !== 32) throw new Error('The client hello has no ephemeral key.');
    this.#authenticate(theirs);
    this.#authenticate(this.#ephemeral.public);
    this.#mix(agree(this.#ephemeral.private, theirs));
    const sealedStatic = this.#seal(this.#identity.server.public);
    this.#mix(agree(this.#identity.server.private, theirs));
    return Buffer.from(
      proto.HandshakeMessage.encode({
        serverHello: {
          ephemeral: this.#ephemeral.public,
          static: sealedStatic,
          payload: this.#seal(this.#chain),
        },
      }).finish(),
    );
  }

  /** Takes the client's static key and payload, and turns to transport. */
  finish(frame: Buffer): { clientKey: Buffer; payload: Buffer } {
    const finish = proto.HandshakeMessage.decode(frame).clientFinish;
    if (!finish?.static || !finish.payload) throw new Error('The client finish is incomplete.');
    const clientKey = this.#open(Buffer.from(finish.static));
    this.#mix(agree(this.#ephemeral.private, clientKey));
    const payload = this.#open(Buffer.from(finish.payload));
    const keys = hkdf(nothing, 64, '', this.#salt);
    this.#transport = { receive: keys.subarray(0, 32), send: keys.subarray(32), received: 0, sent: 0 };
    return { clientKey, payload };
  }

  encrypt(plaintext: Buffer): Buffer {
    if (!this.#transport) throw new Error('The handshake is not over.');
    return sealGcm(this.#transport.send, nonce(this.#transport.sent++), plaintext, nothing);
  }

  decrypt(frame: Buffer): Buffer {
    if (!this.#transport) throw new Error('The handshake is not over.');
    return openGcm(this.#transport.receive, nonce(this.#transport.received++), frame, nothing);
  }

  #authenticate(data: Uint8Array): void {
    this.#hash = sha256(this.#hash, data);
  }

  #mix(secret: Buffer): void {
    const derived = hkdf(secret, 64, '', this.#salt);
    this.#salt = derived.subarray(0, 32);
    this.#key = derived.subarray(32);
    this.#counter = 0;
  }

  #seal(plaintext: Buffer): Buffer {
    const sealed = sealGcm(this.#key, nonce(this.#counter++), plaintext, this.#hash);
    this.#authenticate(sealed);
    return sealed;
  }

  #open(sealed: Buffer): Buffer {
    const plaintext = openGcm(this.#key, nonce(this.#counter++), sealed, this.#hash);
    this.#authenticate(sealed);
    return plaintext;
  }
}

function nonce(counter: number): Buffer {
  const iv = Buffer.alloc(12);
  iv.writeUInt32BE(counter, 8);
  return iv;
}
