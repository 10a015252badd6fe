import { verify, withTypeByte } from '../signal/curve.ts';
import { sha256 } from '../signal/kdf.ts';
import type { PreKeyBundle } from '../signal/key-agreement.ts';
import { formatJid, parseJid } from '../wire/jid.ts';
import { bigEndian, bytesOf, child, children, type Stanza, stanza, unsignedOf } from '../wire/stanza.ts';
import type { Companion } from '../world/companion.ts';
import { type Request, RequestRefused } from './request.ts';

const keyType = Buffer.from([5]);

/** `xmlns=encrypt`: pre-keys up and down. */
export function answerEncrypt(request: Request): Stanza[] {
  const { body, type, node } = request;
  if (type === 'get' && body?.tag === 'count')
    return [stanza('count', { value: request.companion.preKeys.size })];
  if (type === 'get' && body?.tag === 'digest') return [digest(request.companion)];
  if (type === 'get' && body?.tag === 'key') return [stanza('list', {}, bundles(request, body))];
  if (type === 'set' && body?.tag === 'rotate') return rotate(request, child(body, 'skey'));
  if (type === 'set' && child(node, 'list')) return upload(request);
  throw new RequestRefused(400, 'bad-request');
}

function upload({ node, companion, account, exchange }: Request): Stanza[] {
  if (!bytesOf(node, 'identity').equals(companion.identity))
    throw new RequestRefused(406, 'The identity is not the one that was linked.');
  companion.signedPreKey = readSignedPreKey(child(node, 'skey'), companion.identity);
  companion.registrationId = unsignedOf(node, 'registration');
  for (const key of children(child(node, 'list'), 'key')) {
    const value = bytesOf(key, 'value');
    if (value.length !== 32) throw new RequestRefused(406, 'A one-time key does not have 32 bytes.');
    companion.preKeys.set(unsignedOf(key, 'id'), value);
  }
  exchange.world.touch(account);
  return [];
}

function rotate({ companion, account, exchange }: Request, skey: Stanza | undefined): Stanza[] {
  companion.signedPreKey = readSignedPreKey(skey, companion.identity);
  exchange.world.touch(account);
  return [];
}

function readSignedPreKey(skey: Stanza | undefined, identity: Buffer): Companion['signedPreKey'] {
  const key = {
    id: unsignedOf(skey, 'id'),
    public: bytesOf(skey, 'value'),
    signature: bytesOf(skey, 'signature'),
  };
  if (!verify(identity, withTypeByte(key.public), key.signature))
    throw new RequestRefused(406, 'The signed pre-key is not signed by the identity.');
  return key;
}

function digest(companion: Companion): Stanza {
  if (companion.preKeys.size === 0) throw new RequestRefused(404, 'item-not-found');
  const ids = [...companion.preKeys.keys()];
  return stanza('digest', {}, [
    stanza('registration', {}, bigEndian(companion.registrationId, 4)),
    stanza('type', {}, keyType),
    stanza('identity', {}, companion.identity),
    signedPreKeyNode(companion.signedPreKey),
    stanza(
      'list',
      {},
      ids.map((id) => stanza('id', {}, bigEndian(id, 3))),
    ),
    stanza('hash', {}, sha256(companion.identity, ...companion.preKeys.values()).subarray(0, 20)),
  ]);
}

function bundles({ exchange, account }: Request, body: Stanza): Stanza[] {
  return children(body, 'user').map((user) => {
    const jid = user.attrs['jid'];
    const owner = exchange.world.find(jid);
    const parsed = parseJid(jid);
    const bundle = owner && parsed ? exchange.bundleFor({ account: owner, device: parsed.device }) : null;
    if (!owner || !parsed || !bundle)
      return stanza('user', { jid }, [stanza('error', { code: 404, text: 'item-not-found' })]);
    exchange.world.touch(account);
    return stanza('user', { jid: formatJid(parsed.user, parsed.device, parsed.server) }, bundleNodes(bundle));
  });
}

export function bundleNodes(bundle: PreKeyBundle): Stanza[] {
  const nodes = [
    stanza('registration', {}, bigEndian(bundle.registrationId, 4)),
    stanza('type', {}, keyType),
    stanza('identity', {}, bundle.identity),
    signedPreKeyNode(bundle.signedPreKey),
  ];
  if (bundle.preKey)
    nodes.push(
      stanza('key', {}, [
        stanza('id', {}, bigEndian(bundle.preKey.id, 3)),
        stanza('value', {}, bundle.preKey.public),
      ]),
    );
  return nodes;
}

function signedPreKeyNode(key: PreKeyBundle['signedPreKey']): Stanza {
  return stanza('skey', {}, [
    stanza('id', {}, bigEndian(key.id, 3)),
    stanza('value', {}, key.public),
    stanza('signature', {}, key.signature),
  ]);
}
