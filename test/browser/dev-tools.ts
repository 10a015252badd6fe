import * as z from 'zod';

/** Of one call, also of an expression that waits for what a page will show. */
const TIMEOUT_MS = 110_000;

const Incoming = z.object({
  id: z.number().optional(),
  sessionId: z.string().optional(),
  method: z.string().optional(),
  params: z.record(z.string(), z.unknown()).default({}),
  result: z.record(z.string(), z.unknown()).default({}),
  error: z.object({ message: z.string() }).optional(),
});

export interface ToolEvent {
  sessionId: string | undefined;
  method: string;
  params: Record<string, unknown>;
}

/** The DevTools protocol over one WebSocket; a tab is a session of it. */
export class DevTools {
  readonly #socket: WebSocket;
  readonly #calls = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  readonly #listeners = new Set<(event: ToolEvent) => void>();
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.#take(Incoming.parse(JSON.parse(String(data)))));
    socket.addEventListener('close', () => {
      for (const call of this.#calls.values()) call.reject(new Error('Chromium has gone.'));
    });
  }

  static async connect(address: string): Promise<DevTools> {
    const socket = new WebSocket(address);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve(), { once: true });
      socket.addEventListener('error', () => reject(new Error('DevTools refused the connection.')), {
        once: true,
      });
    });
    return new DevTools(socket);
  }

  #take({ id, sessionId, method, params, result, error }: z.output<typeof Incoming>): void {
    if (method !== undefined) for (const listener of this.#listeners) listener({ sessionId, method, params });
    if (id === undefined) return;
    if (error === undefined) this.#calls.get(id)?.resolve(result);
    else this.#calls.get(id)?.reject(new Error(error.message));
    this.#calls.delete(id);
  }

  /** @throws Error where Chromium refuses, or does not answer in time */
  async send(method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> {
    if (this.#socket.readyState !== WebSocket.OPEN) throw new Error('Chromium has gone.');
    this.#lastId += 1;
    const id = this.#lastId;
    const call = Promise.withResolvers<Record<string, unknown>>();
    this.#calls.set(id, call);
    const timer = setTimeout(() => call.reject(new Error(`${method} took too long.`)), TIMEOUT_MS);
    this.#socket.send(
      JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }),
    );
    return await call.promise.finally(() => clearTimeout(timer));
  }

  onEvent(listener: (event: ToolEvent) => void): void {
    this.#listeners.add(listener);
  }

  close(): void {
    this.#socket.close();
  }
}
