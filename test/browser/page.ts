import { writeFile } from 'node:fs/promises';
import * as z from 'zod';
import type { DevTools, ToolEvent } from './dev-tools.ts';

const Evaluated = z.object({
  result: z.object({ value: z.unknown() }),
  exceptionDetails: z.object({ exception: z.object({ description: z.string() }).optional() }).optional(),
});
const Complaint = z.object({
  entry: z.object({ level: z.string(), text: z.string(), url: z.string().optional() }).optional(),
  type: z.string().optional(),
  args: z.array(z.looseObject({ value: z.unknown(), description: z.string().optional() })).optional(),
  exceptionDetails: z.looseObject({ text: z.string() }).optional(),
});

/** What a tab complained of: its own log (violations of a policy too), `console.error`, and what nobody caught. */
function complaintOf({ method, params }: ToolEvent): string | undefined {
  const { entry, type, args = [], exceptionDetails } = Complaint.parse(params);
  if (method === 'Log.entryAdded' && entry?.level === 'error') return `${entry.text} ${entry.url ?? ''}`;
  if (method === 'Runtime.consoleAPICalled' && (type === 'error' || type === 'assert'))
    return args.map(({ value, description }) => String(value ?? description)).join(' ');
  if (method === 'Runtime.exceptionThrown') return JSON.stringify(exceptionDetails);
  return undefined;
}
const withoutTokens = (text: string) => text.replace(/\beyJ[\w.-]+/g, '…');
const COMPLAINTS = new Set(['Log.entryAdded', 'Runtime.consoleAPICalled', 'Runtime.exceptionThrown']);

const LOADED = `new Promise((resolve) => {
  if (document.readyState === 'complete') resolve(true);
  else addEventListener('load', () => resolve(true), { once: true });
})`;

/** One tab. */
export class Page {
  /** Everything it complained of, in order. */
  readonly complaints: string[] = [];
  readonly #tools: DevTools;
  readonly #sessionId: string;

  private constructor(tools: DevTools, sessionId: string) {
    this.#tools = tools;
    this.#sessionId = sessionId;
  }

  static async create(tools: DevTools): Promise<Page> {
    const { targetId } = await tools.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await tools.send('Target.attachToTarget', { targetId, flatten: true });
    const page = new Page(tools, String(sessionId));
    tools.onEvent((event) => {
      if (event.sessionId !== page.#sessionId || !COMPLAINTS.has(event.method)) return;
      const complaint = complaintOf(event);
      if (complaint !== undefined) page.complaints.push(withoutTokens(complaint));
    });
    for (const domain of ['Page', 'Runtime', 'Log']) await page.#send(`${domain}.enable`);
    return page;
  }

  #send(method: string, params: object = {}) {
    return this.#tools.send(method, params, this.#sessionId);
  }

  /** Resolves once it is loaded. */
  async open(url: string): Promise<void> {
    const { errorText } = await this.#send('Page.navigate', { url });
    if (errorText !== undefined) throw new Error(`${url}: ${String(errorText)}`);
    // Asked of the page itself: a late event may be about the one before.
    await this.evaluate(LOADED);
  }

  /** The value of an expression in the page; promises are waited for. @throws Error of what it throws */
  async evaluate(expression: string): Promise<unknown> {
    const options = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = Evaluated.parse(await this.#send('Runtime.evaluate', options));
    if (exceptionDetails === undefined) return result.value;
    throw new Error(exceptionDetails.exception?.description ?? 'The page threw.');
  }

  /** CSS pixels; phones are narrow. */
  async resize(width: number, height: number): Promise<void> {
    const size = { width, height, deviceScaleFactor: 1, mobile: width < 600 };
    await this.#send('Emulation.setDeviceMetricsOverride', size);
  }

  async prefer(scheme: 'light' | 'dark'): Promise<void> {
    const features = [{ name: 'prefers-color-scheme', value: scheme }];
    await this.#send('Emulation.setEmulatedMedia', { features });
  }

  async screenshot(file: string): Promise<void> {
    const { data } = await this.#send('Page.captureScreenshot', { format: 'png' });
    await writeFile(file, Buffer.from(String(data), 'base64'));
  }
}
