import { type BackOff, backOffMs } from '../retry/back-off.ts';
import { type ClientFrame, type ServerEvent, ServerFrame } from './schema.ts';

/** Well below API Gateway's idle time-out of ten minutes. */
const PING_INTERVAL_MS = 5 * 60_000;
const OPEN_TIMEOUT_MS = 10_000;
const RECONNECT: BackOff = { firstMs: 500, longestMs: 30_000 };
const MAX_KEPT = 1000;

type FrameOf<E extends ServerEvent> = Extract<ServerFrame, { event: E }>;
type Listener = (frame: ServerFrame) => void;

export interface LiveClientOptions {
  /** The address that `GET /config` names. */
  url: string;
  /** Called for every connection, since access tokens are short-lived. */
  token: () => string | Promise<string>;
  /** Set to false, the client ends with its first connection. */
  reconnect?: boolean;
  /** `query` is for proxies that drop sub-protocols; URLs end up in logs. */
  tokenIn?: 'protocol' | 'query';
  /** Sees each frame as it came, also one that this client does not know. */
  observe?: (text: string) => void;
}

/** A client of the gateway's WebSocket: pings, reconnects with back-off, and subscribes again. */
export interface LiveClient {
  /** Resolves once the gateway has confirmed it. `*` is every session that the token reaches. */
  subscribe(sessionId: string): Promise<void>;
  send(frame: ClientFrame): void;
  onFrame(listener: Listener): () => void;
  /** Resolves with the first matching frame of this event, among those already received and those to come. */
  waitFor<E extends ServerEvent>(
    event: E,
    fits?: (data: FrameOf<E>['data']) => boolean,
    timeoutMs?: number,
  ): Promise<FrameOf<E>>;
  /** The latest frames, oldest first, each event once; bounded. */
  readonly frames: readonly ServerFrame[];
  /** Drops the frames received so far, so that only new ones are awaited. */
  forget(): void;
  close(): void;
}

async function startSocket({ url, token, tokenIn = 'protocol' }: LiveClientOptions): Promise<WebSocket> {
  if (tokenIn === 'query') return new WebSocket(`${url}?token=${encodeURIComponent(await token())}`);
  // The sub-protocol keeps the token out of URLs, which proxies log.
  return new WebSocket(url, ['bearer', await token()]);
}

async function openSocket(options: LiveClientOptions): Promise<WebSocket> {
  const socket = await startSocket(options);
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The WebSocket did not open in time.')), OPEN_TIMEOUT_MS);
    socket.addEventListener('open', () => resolve(), { once: true });
    socket.addEventListener('error', () => reject(new Error('The WebSocket was refused.')), { once: true });
    socket.addEventListener('open', () => clearTimeout(timer), { once: true });
    socket.addEventListener('error', () => clearTimeout(timer), { once: true });
  });
  return socket;
}

/** Opens the connection. @throws Error where the gateway refuses the token or does not answer */
export async function openLiveClient(options: LiveClientOptions): Promise<LiveClient> {
  const listeners = new Set<Listener>();
  const frames: ServerFrame[] = [];
  const seen = new Set<string>();
  const subscriptions = new Set<string>();
  let closed = false;
  let socket = await openSocket(options);

  function receive(event: MessageEvent): void {
    const text = String(event.data);
    options.observe?.(text);
    const parsed = ServerFrame.safeParse(JSON.parse(text));
    if (!parsed.success) return;
    if (isRepeat(parsed.data, seen)) return;
    frames.push(parsed.data);
    if (frames.length > MAX_KEPT) frames.shift();
    for (const listener of listeners) listener(parsed.data);
  }

  async function reconnect(attempt = 0): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, backOffMs(RECONNECT, attempt)));
    if (closed) return;
    try {
      socket = await openSocket(options);
      listen();
      for (const sessionId of subscriptions) send({ action: 'subscribe', sessionId });
    } catch {
      await reconnect(attempt + 1);
    }
  }

  function listen(): void {
    socket.addEventListener('message', receive);
    socket.addEventListener('close', () => {
      if (!closed && options.reconnect !== false) void reconnect();
    });
  }
  const send = (frame: ClientFrame) => socket.send(JSON.stringify(frame));
  const pings = setInterval(() => {
    if (socket.readyState === WebSocket.OPEN) send({ action: 'ping' });
  }, PING_INTERVAL_MS);
  listen();

  const client: LiveClient = {
    frames,
    send,
    async subscribe(sessionId) {
      const known = frames.length;
      subscriptions.add(sessionId);
      send({ action: 'subscribe', sessionId });
      const answer = (frame: ServerFrame) => frame.event === 'subscribed' || frame.event === 'error';
      const frame = await firstFrame(frames.slice(known), listeners, answer, OPEN_TIMEOUT_MS);
      if (frame.event !== 'error') return;
      subscriptions.delete(sessionId);
      throw new Error(frame.data.error);
    },
    onFrame(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async waitFor(event, fits = () => true, timeoutMs = 20_000) {
      const matches = (frame: ServerFrame) => frame.event === event && fits(frame.data as never);
      const frame = await firstFrame(frames, listeners, matches, timeoutMs, event);
      return frame as FrameOf<typeof event>;
    },
    forget() {
      frames.length = 0;
    },
    close() {
      closed = true;
      clearInterval(pings);
      socket.close();
    },
  };
  return client;
}

/** Events arrive at least once; a repeat has the same id. */
function isRepeat(frame: ServerFrame, seen: Set<string>): boolean {
  if (!('id' in frame)) return false;
  const { id } = frame;
  if (seen.has(id)) return true;
  seen.add(id);
  const [oldest] = seen;
  if (seen.size > MAX_KEPT && oldest !== undefined) seen.delete(oldest);
  return false;
}

function firstFrame(
  known: readonly ServerFrame[],
  listeners: Set<Listener>,
  fits: (frame: ServerFrame) => boolean,
  timeoutMs: number,
  what = 'an answer',
): Promise<ServerFrame> {
  const found = known.find(fits);
  if (found !== undefined) return Promise.resolve(found);
  return new Promise((resolve, reject) => {
    const listener: Listener = (frame) => {
      if (!fits(frame)) return;
      clearTimeout(timer);
      listeners.delete(listener);
      resolve(frame);
    };
    const timer = setTimeout(() => {
      listeners.delete(listener);
      reject(new Error(`No frame ${what} came within ${timeoutMs} ms.`));
    }, timeoutMs);
    listeners.add(listener);
  });
}
