import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { createApp } from '../../infra/create-app.ts';
import { STAGES, type StageName } from '../../infra/stages.ts';

const Resource = z.looseObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DeletionPolicy: z.string().optional(),
});
const Template = z.looseObject({ Resources: z.record(z.string(), Resource).default({}) });
const CdkJson = z.object({ context: z.record(z.string(), z.unknown()) });

export interface FoundResource {
  stage: StageName;
  stack: string;
  /** Stage, stack and logical id: names a resource in a failing law. */
  name: string;
  type: string;
  properties: Record<string, unknown>;
  deletionPolicy: string | undefined;
}

export interface SynthesizedApp {
  /** Every resource of every stage, as CloudFormation gets it. */
  resources: FoundResource[];
  /** What cdk-nag found and nobody reviewed. */
  findings: string[];
}

/** All stages, as `cdk synth` makes them: a few seconds, so once for each test file. */
export function synthesizeApp(): SynthesizedApp {
  const { context } = CdkJson.parse(
    JSON.parse(readFileSync(join(import.meta.dirname, '../../cdk.json'), 'utf8')),
  );
  const { app, checks } = createApp({
    // Laws judge resources: what the functions hold is judged by their own test.
    context: { ...context, 'aws:cdk:bundling-stacks': [] },
    analyticsReporting: false,
  });
  const assembly = app.synth();
  if (checks.lastReport === undefined) throw new Error('cdk-nag did not run');
  const { violations } = checks.lastReport;
  const findings = violations.map(
    ({ ruleName, violatingResources }) =>
      `${ruleName} at ${violatingResources.map(({ constructPath }) => constructPath).join(', ')}`,
  );
  const resources = Object.values(STAGES).flatMap(({ name: stage }) =>
    assembly.getNestedAssembly(`assembly-${stage}`).stacks.flatMap((stack) =>
      Object.entries(Template.parse(stack.template).Resources).map(([id, resource]) => ({
        stage,
        stack: stack.stackName,
        name: `${stack.stackName}/${id}`,
        type: resource.Type,
        properties: resource.Properties,
        deletionPolicy: resource.DeletionPolicy,
      })),
    ),
  );
  return { resources, findings };
}

/** A property by its path, `LoggingConfig.LogGroup`. */
export function property(resource: FoundResource, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
      resource.properties,
    );
}

/** As JSON, for laws that look for a fragment. */
export const text = (value: unknown): string => JSON.stringify(value) ?? '';
