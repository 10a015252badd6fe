const PROTOCOLS = /^(https?|socks5h?):$/;

/** What is wrong with a proxy's URL as it is written, as a sentence; `undefined` where nothing is. */
export function findProxyFault(text: string): string | undefined {
  if (!URL.canParse(text)) return 'use a URL such as http://proxy.example.com:8080';
  const { protocol, hostname, pathname, search, hash } = new URL(text);
  if (!PROTOCOLS.test(protocol)) return 'use an http, https or socks5 URL';
  if (hostname === '') return 'name the proxy’s host';
  if ((pathname !== '' && pathname !== '/') || search !== '' || hash !== '')
    return 'a proxy’s URL ends with its port';
  return undefined;
}

/** User names of proxies are often secrets too, so nothing of the credentials is shown. */
export function maskProxy(text: string): string {
  const { protocol, username, password, host } = new URL(text);
  return `${protocol}//${username === '' && password === '' ? '' : '***@'}${host}`;
}
