import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { constants, crc32, createDeflate } from 'node:zlib';
import { FRIEND, readFlags, round, startBenchSandbox, writeResult } from './auth/bench-kit.ts';
import { type StandAloneWorker, startStandAloneWorker } from './peers/stand-alone-worker.ts';

const flags = readFlags(
  `How much the resident memory of a stand-alone worker grows while it sends large files: ten documents of 63 MB at the
same time, and an interlaced picture of 16,000 x 16,000 pixels.

  node bench/media-memory.ts [--documents 10] [--megabytes 63] [--side 16000]

  --worker <path>  another version's worker/main.ts, to measure before and after
  --name <name>    of the result: bench/results/<name>.json, media-memory by default
`,
  { documents: '10', megabytes: '63', side: '16000', worker: '', name: 'media-memory' },
);
const MOST_GROWTH_MB = 300;
const SAMPLE_MS = 20;
const MEGABYTE = 1_000_000;
/** What one of them may have to come back for: there was no room for it yet. */
const MOST_TRIES = 20;

/** An interlaced PNG (Adam7) of one colour: small on its way, and all of it in memory where it is decoded. */
async function interlacedPng(side: number): Promise<Buffer> {
  const deflate = createDeflate({ level: constants.Z_BEST_SPEED });
  const parts: Buffer[] = [];
  deflate.on('data', (part: Buffer) => parts.push(part));
  for (const [x, y, dx, dy] of ADAM7) {
    const width = Math.ceil((side - x) / dx);
    const row = Buffer.alloc(1 + width * 3);
    for (let at = y; at < side; at += dy)
      if (!deflate.write(row)) await new Promise((resolve) => deflate.once('drain', resolve));
  }
  await new Promise<void>((resolve) => deflate.end(resolve));
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2, 0, 0, 1], 8);
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', Buffer.concat(parts)),
    chunk('IEND'),
  ]);
}

/** First column and row of each pass, and the steps between (PNG specification, 8.2). */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

function chunk(type: string, data = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** The most that is resident while `work` goes on, above what was before. */
async function growth(worker: StandAloneWorker, work: () => Promise<unknown>) {
  const beforeMb = worker.child.usage().rssMb;
  let mostMb = beforeMb;
  const look = () => {
    mostMb = Math.max(mostMb, worker.child.usage().rssMb);
  };
  const timer = setInterval(look, SAMPLE_MS);
  const start = performance.now();
  const answers = await work().finally(() => clearInterval(timer));
  look();
  const seconds = round((performance.now() - start) / 1_000);
  return {
    beforeMb: round(beforeMb),
    mostMb: round(mostMb),
    growthMb: round(mostMb - beforeMb),
    seconds,
    answers,
  };
}

async function send(worker: StandAloneWorker, sessionId: string, body: object): Promise<string[]> {
  const answers: string[] = [];
  while (answers.length < MOST_TRIES) {
    const response = await fetch(`${worker.url}/api/session/${sessionId}/send`, {
      method: 'POST',
      headers: { authorization: `Bearer ${worker.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ to: FRIEND, ...body }),
    });
    const { code } = (await response.json()) as { code?: string };
    answers.push(`${response.status}${code === undefined ? '' : ` ${code}`}`);
    if (response.status !== 503) break;
    await sleep(1_000 * Number(response.headers.get('retry-after') ?? 1));
  }
  return answers;
}

const [documents, sizeBytes] = [Number(flags.documents), Number(flags.megabytes) * MEGABYTE];
const picture = await interlacedPng(Number(flags.side));
const block = Buffer.alloc(64 * 1024, 'documents are not all the same');
const files = createServer(({ url }, response) => {
  if (url === '/picture.png') {
    response.writeHead(200, { 'content-type': 'image/png' }).end(picture);
    return;
  }
  response.writeHead(200, { 'content-type': 'application/pdf', 'content-length': sizeBytes });
  let left = sizeBytes;
  const write = () => {
    while (left > 0) {
      const part = block.subarray(0, Math.min(block.length, left));
      left -= part.length;
      if (!response.write(part)) return void response.once('drain', write);
    }
    response.end();
  };
  write();
});
await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
const base = `http://127.0.0.1:${(files.address() as AddressInfo).port}`;

const sandbox = await startBenchSandbox();
const worker = await startStandAloneWorker({ sandbox, script: flags.worker || undefined });
const sessions: string[] = [];
for (let index = 1; index <= documents; index += 1) sessions.push((await worker.link(index)).sessionId);
const ofDocuments = await growth(worker, () =>
  Promise.all(
    sessions.map((sessionId) =>
      send(worker, sessionId, { type: 'document', media: { url: `${base}/file.pdf` } }),
    ),
  ),
);
const ofPicture = await growth(worker, () =>
  send(worker, sessions[0] ?? '', { type: 'image', media: { url: `${base}/picture.png` } }),
);
await worker.close();
sandbox.stop();
files.close();
await writeResult(
  flags.name,
  { documents, megabytes: Number(flags.megabytes), pictureBytes: picture.length, ofDocuments, ofPicture },
  [
    {
      name: `MB more while ${documents} documents leave`,
      value: ofDocuments.growthMb,
      target: MOST_GROWTH_MB,
    },
    { name: 'MB more for the picture', value: ofPicture.growthMb, target: MOST_GROWTH_MB },
  ],
);
process.exit();
