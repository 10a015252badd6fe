import { serverAddress } from '../wire/jid.ts';
import { child, children, nowSeconds, type Stanza, stanza } from '../wire/stanza.ts';
import { answerEncrypt } from './encrypt-requests.ts';
import { answerGroups } from './group-requests.ts';
import { type Request, type RequestHandler, RequestRefused } from './request.ts';
import { answerUsync } from './usync-requests.ts';

const nothing: RequestHandler = () => [];

/** What the server answers, by `xmlns`. What is not listed is refused with 501 and counted. */
const handlers: Record<string, RequestHandler> = {
  encrypt: answerEncrypt,
  usync: answerUsync,
  'w:g2': answerGroups,
  passive: nothing,
  abt: () => [stanza('props', { protocol: '1', hash: 'sandbox', refresh: 86_400 }, [])],
  blocklist: ({ type }) => (type === 'get' ? [stanza('list', { matched: 'false' }, [])] : []),
  privacy: answerPrivacy,
  'w:sync:app:state': answerAppState,
  'w:p': nothing,
  'w:stats': nothing,
  'urn:xmpp:whatsapp:dirty': nothing,
  'urn:xmpp:ping': nothing,
  'w:mex': () => [stanza('result', {}, Buffer.from(JSON.stringify({ data: {} })))],
  'w:profile:picture': answerPicture,
  'w:biz': () => [stanza('business_profile', { v: '244' }, [])],
  status: nothing,
  disappearing_mode: nothing,
  tos: nothing,
  bot: () => [stanza('bot', { v: '2' }, [])],
};

/** The whole answer, or an error stanza. */
export function answerRequest(request: Request): Stanza {
  const { node, exchange, account } = request;
  const attrs = { id: node.attrs['id'], from: node.attrs['to'] || serverAddress };
  const handler = handlers[node.attrs['xmlns'] ?? ''];
  try {
    if (!handler) {
      account.counters.unknownRequests += 1;
      throw new RequestRefused(501, 'feature-not-implemented');
    }
    const content = handler(request);
    const result = { ...attrs, type: 'result', t: nowSeconds() };
    return stanza('iq', result, content.length ? content : undefined);
  } catch (error) {
    const refused = error instanceof RequestRefused ? error : new RequestRefused(500, String(error));
    exchange.world.touch(account);
    return stanza('iq', { ...attrs, type: 'error' }, [
      stanza('error', { code: refused.code, text: refused.message }),
    ]);
  }
}

const privacyDefaults = {
  readreceipts: 'all',
  last: 'all',
  online: 'all',
  profile: 'all',
  status: 'contacts',
  groupadd: 'all',
  calladd: 'all',
  messages: 'all',
};

function answerPrivacy({ body }: Request): Stanza[] {
  if (body?.tag === 'tokens') return [stanza('tokens', {}, [])];
  if (body?.tag !== 'privacy') return [];
  const categories = Object.entries(privacyDefaults).map(([name, value]) =>
    stanza('category', { name, value }),
  );
  return [stanza('privacy', {}, categories)];
}

/** Collections are empty and stay so: patches are accepted, and nothing ever comes back. */
function answerAppState({ node }: Request): Stanza[] {
  const collections = children(child(node, 'sync'), 'collection').map((collection) =>
    stanza('collection', {
      name: collection.attrs['name'],
      type: 'result',
      version: collection.attrs['version'] ?? '0',
    }),
  );
  return [stanza('sync', {}, collections)];
}

function answerPicture({ type }: Request): Stanza[] {
  if (type !== 'get') return [stanza('picture', { id: nowSeconds() })];
  throw new RequestRefused(404, 'item-not-found');
}
