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

/** Every resource of every stage, as CloudFormation gets it. */
export function synthesizeResources(): FoundResource[] {
  const { context } = CdkJson.parse(
    JSON.parse(readFileSync(join(import.meta.dirname, '../../cdk.json'), 'utf8')),
  );
  const { app } = createApp(Object.values(STAGES), { context, analyticsReporting: false });
  const assembly = app.synth();
  return Object.values(STAGES).flatMap(({ name: stage }) =>
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
}
