import { STAGES, type StageName } from '../stages.ts';
import {
  type AtRest,
  costOf,
  MONTH_OF_CONNECTION,
  monthAtRest,
  monthOf,
  monthOfIdleSession,
  monthOfWorker,
} from './cost-model.ts';
import { type Counts, MEASURED, requestsOf, times, WRITES } from './measured.ts';
import { OPERATIONS } from './operations.ts';

const SIZES = [10, 1_000, 100_000];
const MESSAGES_A_DAY = [0, 20, 500];
/** Above this, cents are not shown. */
const ROUND_FROM_USD = 50;

const usd = (amount: number) =>
  amount >= ROUND_FROM_USD ? Math.round(amount).toLocaleString('en') : amount.toFixed(2);
const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]) => [
  row(head),
  `|${'---|'.repeat(head.length)}`,
  ...rows.map(row),
];

/** `41 GetItem, 12 BatchGetItem`, the most frequent first. */
function listCalls(counts: Counts, service: string): string {
  const calls = Object.entries(counts)
    .filter(([what]) => what.startsWith(`${service} `))
    .toSorted(([, a], [, b]) => b - a);
  return calls.map(([what, count]) => `${count} ${what.slice(service.length + 1)}`).join(', ');
}

/** The measured counts, unchanged. */
function measuredTable(): string[] {
  const { messages, idleMs, idle, sent, received } = MEASURED;
  const ofMessages = (what: string, counts: Counts, puts: number) => [
    `${messages} ${what}`,
    String(requestsOf(counts)),
    listCalls(counts, 'DynamoDB'),
    String(messages * puts),
    String(times(counts, 'WebSocket post')),
  ];
  return table(
    ['', 'HTTP API', 'DynamoDB', 'PUTs to S3', 'WebSocket posts'],
    [
      ofMessages('sent, delivered, read', sent, WRITES.perSend),
      ofMessages('received, delivered to a webhook', received, WRITES.perReceive),
      [
        `${idleMs / 1_000} s idle, 1 session`,
        `${times(idle, 'HTTP PUT /api/*/workers/*/heartbeat')} heartbeats`,
        listCalls(idle, 'DynamoDB'),
        '0',
        '0',
      ],
    ],
  );
}

/** The tables of `docs/cost.md` in US dollars: by stage, and by size of production. */
export function costTables(atRest: (stage: StageName) => AtRest): string[] {
  const stages = Object.values(STAGES).map((settings) => [
    settings.name,
    ...[
      monthAtRest(atRest(settings.name), settings),
      monthOfWorker(settings),
      monthOfIdleSession(settings),
      MONTH_OF_CONNECTION,
      1_000 * costOf(OPERATIONS.messageSent, settings),
      1_000 * costOf(OPERATIONS.messageReceived, settings),
    ].map(usd),
  ]);
  const sizes = SIZES.map((sessions) => [
    `${sessions.toLocaleString('en')} sessions`,
    ...MESSAGES_A_DAY.map((each) => usd(monthOf(sessions, each, atRest('production'), STAGES.production))),
  ]);
  const perSession = (messagesADay: number) =>
    SIZES.map((each) =>
      usd(monthOf(each, messagesADay, atRest('production'), STAGES.production) / each),
    ).join(', ');
  const busy = MESSAGES_A_DAY.at(-1) ?? 0;
  const ofMessages = ['idle', ...MESSAGES_A_DAY.slice(1).map((each) => `${each} messages a day each way`)];
  return [
    ...table(
      [
        'stage',
        'at rest, no worker',
        'one worker',
        'one idle session',
        'one open browser',
        '1,000 messages sent',
        '1,000 received',
      ],
      stages,
    ),
    '',
    ...table(['production, a month', ...ofMessages], sizes),
    '',
    `Per session and month: ${perSession(0)} dollars idle; ${perSession(busy)} at ${busy} messages a day each way.`,
    '',
    ...measuredTable(),
  ];
}
