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
import { OPERATIONS } from './operations.ts';

const SIZES = [10, 1_000, 100_000];
const MESSAGES_A_DAY = [0, 20, 500];
/** From here on, cents say nothing. */
const ROUND_FROM_USD = 50;

const usd = (amount: number) =>
  amount >= ROUND_FROM_USD ? Math.round(amount).toLocaleString('en') : amount.toFixed(2);
const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]) => [
  row(head),
  `|${'---|'.repeat(head.length)}`,
  ...rows.map(row),
];

/** The tables of `docs/cost.md`, a line each: by stage, and by size of production. US dollars. */
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
  ];
}
