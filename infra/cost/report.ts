import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { showHelp } from '../../shared/program/show-help.ts';
import { REPOSITORY_ROOT } from '../constructs/bundle.ts';
import type { StageName } from '../stages.ts';
import { scalingFacts } from './busiest-hour.ts';
import { costTables } from './cost-tables.ts';
import { countAtRest } from './count-at-rest.ts';

showHelp(`What a month costs, counted in the templates of the last "npm run synth" and in what bench/results/ holds of each message.

  npm run synth && npm run cost

Prints the tables that docs/cost.md shows, in US dollars, and the rates that docs/scaling.md names.`);

const Resource = z.looseObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
});
const Template = z.looseObject({ Resources: z.record(z.string(), Resource) });

/** The resources in the templates of the last `cdk synth`. */
function readResources(stage: StageName) {
  const files = globSync(join(REPOSITORY_ROOT, 'cdk.out', `assembly-${stage}`, '*.template.json'));
  if (files.length === 0) throw new Error('Run "npx cdk synth" first: costs are counted in its templates.');
  return files
    .flatMap((file) => Object.values(Template.parse(JSON.parse(readFileSync(file, 'utf8'))).Resources))
    .map(({ Type: type, Properties: properties }) => ({ type, properties }));
}

for (const line of costTables((stage) => countAtRest(readResources(stage)))) console.log(line);
console.log(`\nIn docs/scaling.md:\n${scalingFacts().join('\n')}`);
