import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { sha256 } from '../signal/kdf.ts';
import type { FaultView } from '../verbs.ts';
import { closeWithConnections, listenOnLoopback } from '../wire/loopback.ts';
import type { FaultPlan } from '../world/fault-plan.ts';
import type { Certificate } from './certificate.ts';
import type { MediaStore } from './media-store.ts';

const maxUploadBytes = 128 * 1024 * 1024;

/** The media host: encrypted files up by POST (`/mms/<kind>/<hash>`) and down by GET of their path. */
export class MediaServer {
  readonly #server: Server;
  readonly #store: MediaStore;
  readonly #faults: FaultPlan;

  constructor(store: MediaStore, faults: FaultPlan, certificate: Certificate) {
    this.#store = store;
    this.#faults = faults;
    this.#server = createServer(certificate, (request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        if (!response.headersSent) response.writeHead(500);
        response.end(String(error));
      });
    });
  }

  async listen(port: number): Promise<number> {
    return await listenOnLoopback(this.#server, port);
  }

  async close(): Promise<void> {
    await closeWithConnections(this.#server);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'https://127.0.0.1');
    if (request.method === 'POST') await this.#upload(url, request, response);
    else await this.#download(url, request, response);
  }

  /** Until the fault is cleared, or the client has gone. */
  #cleared(stall: FaultView, response: ServerResponse): Promise<void> {
    return new Promise((resolve) => {
      response.once('close', resolve);
      this.#faults.onClear((fault) => {
        if (fault.id === stall.id) resolve();
      });
    });
  }

  async #upload(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const data = await readBody(request);
    const fault = this.#faults.take('media-upload-fails', null);
    if (fault) return end(response, fault.code ?? 500, { error: 'The upload failed, as it was told to.' });
    if (!data) return end(response, 413, { error: 'The file is larger than the server takes.' });
    const [, , kind = 'file', token = ''] = url.pathname.split('/');
    const name = sha256(data).toString('base64url');
    if (token !== name)
      return end(response, 400, { error: 'The hash in the address is not that of the file.' });
    const directPath = this.#store.put(kind, data);
    end(response, 200, { url: `https://${request.headers.host}${directPath}`, direct_path: directPath });
  }

  async #download(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fault = this.#faults.take('media-download-fails', null);
    if (fault) return end(response, fault.code ?? 500, { error: 'The download failed, as it was told to.' });
    const stall = this.#faults.take('media-download-stalls', null);
    if (stall) await this.#cleared(stall, response);
    const data = this.#store.get(url.pathname);
    if (!data) {
      end(response, 404, { error: 'There is no such file.' });
      return;
    }
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    const start = Number(range?.[1] ?? 0);
    const stop = range?.[2] ? Number(range[2]) + 1 : data.length;
    response.writeHead(range ? 206 : 200, { 'content-type': 'application/octet-stream' });
    response.end(data.subarray(start, stop));
  }
}

function end(response: ServerResponse, status: number, answer: Record<string, string>): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer));
}

async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk as Uint8Array);
    sizeBytes += bytes.length;
    if (sizeBytes <= maxUploadBytes) chunks.push(bytes);
  }
  return sizeBytes <= maxUploadBytes ? Buffer.concat(chunks) : null;
}
