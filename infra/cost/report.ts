import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { showHelp } from '../../shared/command-line/show-help.ts';
import { REPOSITORY_ROOT } from '../constructs/bundle.ts';
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

showHelp(`What a month costs, counted in the templates of the last "npm run synth" and in what the tests measure of each call.

  npm run synth && npm run cost

Prints the tables that docs/cost.md shows, in US dollars.`);

const Resource = z.looseObject({
  Type: z.string(),
  Properties: z
    .looseObject({ Metrics: z.array(z.looseObject({ MetricStat: z.unknown().optional() })).optional() })
    .optional(),
});
const Template = z.looseObject({ Resources: z.record(z.string(), Resource) });

/** What an alarm looks at: itself one metric, or those of its metric math. */
function metricsOf({ Properties }: z.output<typeof Resource>): number {
  return Properties?.Metrics?.filter(({ MetricStat }) => MetricStat !== undefined).length ?? 1;
}

/** Counts in the templates of the last `cdk synth`. */
function countAtRest(stage: StageName): AtRest {
  const files = globSync(join(REPOSITORY_ROOT, 'cdk.out', `assembly-${stage}`, '*.template.json'));
  if (files.length === 0) throw new Error('Run "npx cdk synth" first: costs are counted in its templates.');
  const resources = files.flatMap((file) =>
    Object.values(Template.parse(JSON.parse(readFileSync(file, 'utf8'))).Resources),
  );
  const ofType = (type: string) => resources.filter(({ Type }) => Type === type);
  const count = (type: string) => ofType(type).length;
  return {
    alarmMetrics: ofType('AWS::CloudWatch::Alarm').reduce((sum, alarm) => sum + metricsOf(alarm), 0),
    dashboards: count('AWS::CloudWatch::Dashboard'),
    secrets: count('AWS::SecretsManager::Secret'),
  };
}

const usd = (amount: number) => (amount >= 100 ? amount.toFixed(0) : amount.toFixed(2));

console.log(
  '| stage | at rest, no worker | one worker | one idle session | one open browser | 1,000 messages sent | 1,000 received |',
);
console.log('|---|---|---|---|---|---|---|');
for (const [name, settings] of Object.entries(STAGES)) {
  const cells = [
    monthAtRest(countAtRest(settings.name), settings),
    monthOfWorker(settings),
    monthOfIdleSession(settings),
    MONTH_OF_CONNECTION,
    1_000 * costOf(OPERATIONS.messageSent, settings),
    1_000 * costOf(OPERATIONS.messageReceived, settings),
  ];
  console.log(`| ${name} | ${cells.map(usd).join(' | ')} |`);
}
console.log('\n| production, a month | idle | 20 messages a day each way | 500 a day each way |');
console.log('|---|---|---|---|');
for (const sessions of [10, 1_000, 100_000]) {
  const cells = [0, 20, 500].map((messages) =>
    usd(monthOf(sessions, messages, countAtRest('production'), STAGES.production)),
  );
  console.log(`| ${sessions.toLocaleString('en')} sessions | ${cells.join(' | ')} |`);
}
