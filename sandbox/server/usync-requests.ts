import { digitsOf, formatJid, parseJid, serverJid } from '../wire/jid.ts';
import { child, children, nowSeconds, type Stanza, stanza, textOf } from '../wire/stanza.ts';
import { type Account, deviceKey } from '../world/account.ts';
import type { Request } from './request.ts';

type Subject = { jid: string; account: Account | undefined };

/** `xmlns=usync`: who is on WhatsApp, with which devices and which LID. */
export function answerUsync(request: Request): Stanza[] {
  const usync = request.body;
  const protocols = children(child(usync, 'query'));
  const users = children(child(usync, 'list'), 'user').map((user) => {
    const subject = subjectOf(request, user);
    const answers = protocols.flatMap((protocol) => answerProtocol(request, protocol, user, subject));
    const pn = subject.account && parseJid(subject.jid)?.server === 'lid' ? subject.account.jid('pn') : null;
    return stanza('user', { jid: subject.jid, pn_jid: pn }, answers);
  });
  const outcome = protocols.map((protocol) => stanza(protocol.tag, { refresh: 86_400 }));
  const attrs = { sid: usync?.attrs['sid'], mode: usync?.attrs['mode'], last: 'true', index: '0' };
  return [stanza('usync', attrs, [stanza('result', {}, outcome), stanza('list', {}, users)])];
}

function subjectOf({ exchange }: Request, user: Stanza): Subject {
  const jid = user.attrs['jid'];
  if (jid) return { jid, account: exists(exchange.world.find(jid)) };
  const number = digitsOf(textOf(user, 'contact'));
  return { jid: formatJid(number, 0, serverJid), account: exists(exchange.world.accounts.get(number)) };
}

function exists(account: Account | undefined): Account | undefined {
  return account?.profile.exists ? account : undefined;
}

function answerProtocol(
  request: Request,
  protocol: Stanza,
  user: Stanza,
  { jid, account }: Subject,
): Stanza[] {
  switch (protocol.tag) {
    case 'devices':
      if (account) watch(request, account, jid);
      return [deviceList(account)];
    case 'lid':
      // rc14 refuses to encrypt for a phone number whose LID it has not been told.
      return account && parseJid(jid)?.server !== 'lid' ? [stanza('lid', { val: account.jid('lid') })] : [];
    case 'contact':
      return [stanza('contact', { type: account ? 'in' : 'out' }, textOf(user, 'contact'))];
    case 'status':
      return [stanza('status', { t: nowSeconds() }, 'Hey there! I am using WhatsApp.')];
    case 'disappearing_mode':
      return [stanza('disappearing_mode', { duration: 0, t: 0 })];
    default:
      return [];
  }
}

/** Devices other than the phone need a key-index, or Baileys leaves them out (`extractDeviceJids`). */
function deviceList(account: Account | undefined): Stanza {
  if (!account) return stanza('devices', { version: '2' }, [stanza('device-list', {}, [])]);
  const devices = [...account.companions.values()].map((one) =>
    stanza('device', { id: one.id, 'key-index': one.keyIndex }),
  );
  return stanza('devices', { version: '2' }, [
    stanza('device-list', { hash: '2:sandbox' }, [stanza('device', { id: 0 }), ...devices]),
    stanza('key-index-list', { ts: nowSeconds() }),
  ]);
}

function watch({ account: asker, companion }: Request, account: Account, jid: string): void {
  const key = deviceKey(asker.number, companion.id);
  const forms = account.watchers.get(key) ?? new Set();
  forms.add(parseJid(jid)?.server === 'lid' ? 'lid' : 'pn');
  account.watchers.set(key, forms);
}
