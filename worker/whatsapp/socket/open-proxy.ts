import type { ClientRequest } from 'node:http';
import type { Agent } from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { SocksProxyAgent } from 'socks-proxy-agent';
import {
  checkHost,
  type Resolve,
  type ResolvedAddress,
  resolveAll,
} from '../../../shared/outbound/check-address.ts';

export interface ProxyOptions {
  /** Outside production only: proxies on this network, too. */
  allowPrivate: boolean;
  resolve?: Resolve;
}

/** A proxy that may never be used; `message` is a sentence for the tenant. */
export class ProxyRefused extends Error {
  override readonly name = 'ProxyRefused';
}

const RESOLVE_TIMEOUT_MS = 5_000;

/**
 * The way to WhatsApp through a tenant's proxy. Its name is resolved here, every address is checked, and the
 * connection goes to the very addresses that were checked. WhatsApp's own name is left to the proxy.
 * @throws ProxyRefused, which names neither address nor credentials; whatever the resolver throws
 */
export async function openProxy(
  url: string,
  { allowPrivate, resolve = resolveAll }: ProxyOptions,
): Promise<Agent> {
  const { hostname, protocol } = new URL(url);
  const addresses = await inTime(checkHost(hostname, resolve, allowPrivate));
  if (addresses === undefined)
    throw new ProxyRefused('The session’s proxy leads to a private address, which is not allowed.');
  const lookup = lookupOf(addresses);
  // Neither gets a time-out: theirs would go on and end a quiet connection. Baileys gives up on connecting.
  return protocol.startsWith('socks') ? socksAgent(url, lookup) : httpAgent(url, lookup);
}

function httpAgent(url: string, lookup: LookupFunction): Agent {
  const agent = new HttpsProxyAgent(url, { lookup });
  // Else the proxy's refusal reaches `ws` as an answer of WhatsApp's, which Baileys does not act upon.
  agent.on('proxyConnect', ({ statusCode }: { statusCode: number }, request: ClientRequest) => {
    if (statusCode !== 200) request.destroy(refusal(REFUSING.has(statusCode) ? 407 : 503));
  });
  return agent;
}

class GuardedSocksAgent extends SocksProxyAgent {
  override async connect(...args: Parameters<SocksProxyAgent['connect']>): Promise<Socket> {
    try {
      return await super.connect(...args);
    } catch (fault) {
      const isRefused = fault instanceof Error && /authenticat/i.test(fault.message);
      throw isRefused ? refusal(407) : fault;
    }
  }
}

/** The proxy resolves WhatsApp's name: `socks5h`. */
const socksAgent = (url: string, lookup: LookupFunction): Agent =>
  new GuardedSocksAgent(url.replace(/^socks5:/, 'socks5h:'), { socketOptions: { lookup } });

/** Answers of a proxy that will not be others the next time. */
const REFUSING = new Set([401, 403, 407]);
/** In the form that Baileys reads a status from (`socket.js`, getCodeFromWSError). */
const refusal = (status: number) => new Error(`Unexpected server response: ${status}`);

function lookupOf(addresses: ResolvedAddress[]): LookupFunction {
  return (_hostname, { all }, callback) => {
    const [first] = addresses;
    if (all) callback(null, addresses);
    else if (first !== undefined) callback(null, first.address, first.family);
  };
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const giveUp = () => reject(new Error('the name of the proxy was not resolved in time'));
    timer = setTimeout(giveUp, RESOLVE_TIMEOUT_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
