import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as z from 'zod';
import type { Gateway } from '../../testing/harness/gateway.ts';
import { readBlocks } from '../docs/read-blocks.ts';
import type { Page } from './page.ts';

const PHONE = '6281200000081';
const Shown = z.object({
  status: z.string(),
  qrString: z.string(),
  picture: z.number(),
  remaining: z.string(),
});

/** A page of another origin, with a policy of its own as front ends have one; its client is the guide's. */
async function serveFrontEnd(gateway: Gateway): Promise<{ url: string; server: Server }> {
  const read = (name: string) => readFile(new URL(`front-end/${name}`, import.meta.url), 'utf8');
  const guide = await readBlocks('integrating.md');
  const files = new Map([
    ['/', { type: 'text/html', text: await read('index.html') }],
    ['/main.js', { type: 'text/javascript', text: await read('main.js') }],
    ['/connect-live.mjs', { type: 'text/javascript', text: guide.get('connect-live.mjs') ?? '' }],
  ]);
  const policy = [
    "default-src 'self'",
    'img-src data:',
    `connect-src ${gateway.url} ${new URL(gateway.websocketUrl).origin}`,
  ].join('; ');
  const server = createServer((request, response) => {
    const file = files.get(new URL(request.url ?? '/', 'http://localhost').pathname);
    const type = file?.type ?? 'text/plain';
    response.writeHead(file === undefined ? 404 : 200, {
      'content-type': type,
      'content-security-policy': policy,
    });
    response.end(file?.text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}

/** What the page shows once `condition` holds there. */
async function shownWhen(page: Page, condition: string): Promise<z.output<typeof Shown>> {
  return Shown.parse(await page.evaluate(`shownWhen((shown) => ${condition})`));
}

/** A front end subscribes, shows the QR of a session live until a phone has scanned it, and hears that it is linked. */
export async function checkFrontEnd(page: Page, gateway: Gateway): Promise<void> {
  const { url, server } = await serveFrontEnd(gateway);
  try {
    const { token } = await gateway.signUp('front-end');
    await gateway.sandbox.addAccount({ number: PHONE, name: 'Ada' });
    await page.resize(1280, 900);
    await page.open(`${url}#${new URLSearchParams({ api: gateway.url, token })}`);
    for (let last = '', linked = false; !linked; ) {
      const { qrString, picture, remaining } = await shownWhen(
        page,
        `shown.qrString !== ${JSON.stringify(last)} && shown.picture > 0`,
      );
      if (picture < 50) throw new Error(`The QR is ${picture} pixels wide.`);
      if (!/^\d+$/.test(remaining)) throw new Error('The page cannot read how many requests are left.');
      last = qrString;
      // One that was replaced on its way to the phone is refused; the page shows the next.
      const scanned = await gateway.sandbox.scan(PHONE, qrString).catch(() => undefined);
      linked = scanned?.status === 'linked';
    }
    await shownWhen(page, "shown.status === 'CONNECTED'");
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
