import { setTimeout as sleep } from 'node:timers/promises';
import { FRIEND, median, readFlags, round, startBenchSandbox, writeResult } from './auth/bench-kit.ts';
import { startStandAloneWorker } from './peers/stand-alone-worker.ts';

const flags = readFlags(
  `Resident memory of a stand-alone worker: empty, linked, and a minute after a load of messages. Nothing is collected by
force. Each round is a new process; the medians count.

  node bench/worker-memory.ts [--sessions 10,50] [--messages 10000] [--rounds 3] [--wait 60]

  --worker <path> another version's worker/main.ts, to measure before and after
  --node <path>   the Node that runs the worker
  --execArgv <a,b> flags of that Node in place of those that workers are run with; none for none
  --name <name>   of the result: bench/results/<name>.json, worker-memory by default
`,
  {
    sessions: '10,50',
    messages: '10000',
    rounds: '3',
    wait: '60',
    node: process.execPath,
    execArgv: '',
    worker: '',
    name: 'worker-memory',
  },
);
const LIMITS_MB: Readonly<Record<number, number>> = { 10: 240, 50: 400 };
const PARALLEL = 20;

interface Round {
  emptyMb: number;
  linkedMb: number;
  loadedMb: number;
  afterMb: number;
  cpuMsPerThousand: number;
  perSecond: number;
}

async function measure(sessions: number, messages: number): Promise<Round> {
  const sandbox = await startBenchSandbox();
  const given = flags.execArgv.split(',').filter((flag) => flag !== '' && flag !== 'none');
  const worker = await startStandAloneWorker({
    sandbox,
    node: flags.node,
    ...(flags.execArgv === '' ? {} : { execArgv: given }),
    script: flags.worker || undefined,
  });
  try {
    await sleep(3_000);
    const emptyMb = worker.child.usage().rssMb;
    const linked: string[] = [];
    for (let index = 1; index <= sessions; index += 1) linked.push((await worker.link(index)).sessionId);
    const linkedMb = worker.child.usage().rssMb;
    const cpuBefore = worker.child.usage().cpuMs;
    const start = performance.now();
    let next = 0;
    const send = async () => {
      while (next < messages) {
        const n = next++;
        const sessionId = linked[n % linked.length] ?? '';
        await worker.api.workerSend({
          params: { sessionId },
          body: { to: FRIEND, type: 'text', message: `message ${n} of many, about as long as people write` },
        });
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, send));
    const seconds = (performance.now() - start) / 1_000;
    const { rssMb: loadedMb, cpuMs } = worker.child.usage();
    await sleep(Number(flags.wait) * 1_000);
    return {
      emptyMb: round(emptyMb),
      linkedMb: round(linkedMb),
      loadedMb: round(loadedMb),
      afterMb: round(worker.child.usage().rssMb),
      cpuMsPerThousand: round(((cpuMs - cpuBefore) * 1_000) / messages, 0),
      perSecond: round(messages / seconds),
    };
  } finally {
    await worker.close();
    sandbox.stop();
  }
}

const figures: Record<string, { rounds: Round[]; afterMb: number; emptyMb: number }> = {};
for (const sessions of flags.sessions.split(',').map(Number)) {
  const rounds: Round[] = [];
  for (let n = 0; n < Number(flags.rounds); n += 1) {
    rounds.push(await measure(sessions, Number(flags.messages)));
    console.log(sessions, rounds.at(-1));
  }
  const middle = (pick: (round: Round) => number) => round(median(rounds.map(pick)));
  figures[sessions] = {
    rounds,
    emptyMb: middle(({ emptyMb }) => emptyMb),
    afterMb: middle(({ afterMb }) => afterMb),
  };
}
await writeResult(
  flags.name,
  { messages: Number(flags.messages), waitSeconds: Number(flags.wait), bySessions: figures },
  Object.entries(figures).flatMap(([sessions, { afterMb }]) => {
    const target = LIMITS_MB[Number(sessions)];
    return target === undefined
      ? []
      : [{ name: `MB a minute after the load, ${sessions} sessions`, value: afterMb, target }];
  }),
);
process.exit();
