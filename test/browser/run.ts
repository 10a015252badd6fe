import { mkdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { startGateway } from '../../testing/harness/gateway.ts';
import { checkDocs } from './check-docs.ts';
import { checkFrontEnd } from './check-front-end.ts';
import { startChromium } from './chromium.ts';
import { Page } from './page.ts';

const HELP = `Looks at the gateway in a real browser: the reference and the page at its address, on a desk and on a phone, by day
and by night; and a front end of another origin that shows a live QR until a phone of the sandbox has scanned it.
Anything the browser complains of (errors, violations of a content security policy) fails it.

  node test/browser/run.ts [--chromium chromium] [--pictures <folder>]

  --chromium  the program (install.sh installs it on Debian)
  --pictures  a folder for a picture of each view

For example: node test/browser/run.ts --pictures /tmp/pictures
Starts a gateway of its own on free ports. Prints a line for each check, and ends with 1 where one fails.`;

const CHECK_TIMEOUT_MS = 120_000;

const { values } = parseArgs({
  options: {
    chromium: { type: 'string', default: 'chromium' },
    pictures: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

function inTime<T>(work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('it took too long')), CHECK_TIMEOUT_MS);
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}

async function run(pictures: string | undefined): Promise<boolean> {
  if (pictures !== undefined) await mkdir(pictures, { recursive: true });
  const browser = await startChromium(values.chromium);
  const gateway = await startGateway().catch(async (fault: unknown) => {
    await browser.close();
    throw fault;
  });
  let passed = true;
  async function check(name: string, look: (page: Page) => Promise<void>): Promise<void> {
    const page = await Page.create(browser.tools);
    const startedAt = Date.now();
    const faults = await inTime(look(page)).then(
      () => page.complaints,
      (thrown: unknown) => [thrown instanceof Error ? thrown.message : String(thrown), ...page.complaints],
    );
    console.log(`${faults.length === 0 ? '✓' : '✗'} ${name}  ${Date.now() - startedAt} ms`);
    for (const fault of faults) console.log(`    ${fault}`);
    passed &&= faults.length === 0;
  }
  try {
    await check('the page at the gateway’s address', async (page) => {
      await page.open(gateway.url);
      if (pictures !== undefined) await page.screenshot(`${pictures}/landing.png`);
    });
    await check('the reference', (page) => checkDocs(page, { url: gateway.url, pictures }));
    await check('a front end of another origin', (page) => checkFrontEnd(page, gateway));
  } finally {
    await gateway.close();
    await browser.close();
  }
  return passed;
}

if (values.help === true) console.log(HELP);
else
  try {
    process.exitCode = (await run(values.pictures)) ? 0 : 1;
  } catch (thrown) {
    console.error(thrown instanceof Error ? thrown.message : String(thrown));
    process.exitCode = 1;
  }
