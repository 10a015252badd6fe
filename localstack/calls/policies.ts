import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { rightsByFunction } from '../../testing/infra/policy-statements.ts';
import type { FoundResource } from '../../testing/infra/synthesized-app.ts';
import type { Emulator } from '../env.ts';
import { BUCKET, queueArn } from './place.ts';

const ASSEMBLY = join(import.meta.dirname, '..', '..', 'cdk.out', 'assembly-production');
const Template = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) }),
  ),
});

/** Production's resources as `npm run synth` wrote them. @throws where it has not run */
export function readResources(): FoundResource[] {
  const files = globSync(join(ASSEMBLY, '*.template.json'));
  if (files.length === 0) throw new Error('Run "npm run synth" first: rights are read from its templates.');
  return files.flatMap((file) =>
    Object.entries(Template.parse(JSON.parse(readFileSync(file, 'utf8'))).Resources).map(([id, each]) => ({
      stage: 'production' as const,
      stack: file,
      name: `${file}/${id}`,
      type: each.Type,
      properties: each.Properties,
      deletionPolicy: undefined,
    })),
  );
}

/** Operations by the IAM action that AWS asks for; moto asks for one by the operation's own name. */
const OPERATIONS: Readonly<Record<string, readonly string[]>> = {
  'sqs:SendMessage': ['sqs:SendMessage', 'sqs:SendMessageBatch'],
  'execute-api:ManageConnections': ['execute-api:PostToConnection', 'execute-api:DeleteConnection'],
  'lambda:InvokeFunction': ['lambda:Invoke', 'lambda:InvokeFunction'],
};

const Join = z.object({ 'Fn::Join': z.tuple([z.literal(''), z.array(z.unknown())]) });

/** What a reference of the template stands for here. */
function nameOf(reference: string, emulator: Emulator): string {
  if (reference.includes('ObjectsBucket')) return `arn:aws:s3:::${BUCKET}`;
  if (reference.includes('GivenUp')) return queueArn(emulator, 'givenUpDeliveries');
  if (reference.includes('SlowDeliveriesQueue')) return queueArn(emulator, 'slowDeliveries');
  if (reference.includes('DeliveriesQueue')) return queueArn(emulator, 'deliveries');
  if (reference.includes('OutboxQueue')) return queueArn(emulator, 'outbox');
  return '*';
}

/** An ARN as moto can hold it against a call: of objects and queues; it does not know what else is called. */
function resolve(resource: unknown, emulator: Emulator): string {
  if (typeof resource === 'string') return resource;
  const joined = Join.safeParse(resource);
  if (!joined.success) return nameOf(JSON.stringify(resource), emulator);
  const parts = joined.data['Fn::Join'][1].map((part) => resolve(part, emulator));
  return parts[0]?.startsWith('arn:aws:s3') === true ? parts.join('') : '*';
}

export interface FunctionPolicy {
  name: string;
  /** As AWS names them. */
  actions: readonly string[];
  policy: {
    Version: '2012-10-17';
    Statement: readonly { Effect: string; Action: readonly string[]; Resource: readonly string[] }[];
  };
}

/**
 * What each function of production may do, as moto understands it: conditions are left out (the laws judge them),
 * resources stay for objects and queues.
 */
export function policiesOf(resources: readonly FoundResource[], emulator: Emulator): FunctionPolicy[] {
  return rightsByFunction(resources).map(({ name, actions, statements }) => ({
    name,
    actions,
    policy: {
      Version: '2012-10-17',
      Statement: statements.map((each) => ({
        Effect: each.effect,
        Action: each.actions.flatMap((action) => OPERATIONS[action] ?? [action]),
        Resource: each.resources.map((text) => resolve(JSON.parse(text), emulator)),
      })),
    },
  }));
}
