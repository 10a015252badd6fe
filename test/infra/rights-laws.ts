import { describe, expect, it } from 'vitest';
import { RIGHTS } from '../../infra/functions/rights.ts';
import { STAGES } from '../../infra/stages.ts';
import type { RouteDeclaration } from '../../shared/contract/route.ts';
import { controlRoutes } from '../../shared/control-routes.ts';
import {
  type FunctionRights,
  rightsByFunction,
  statementsOf,
} from '../../testing/infra/policy-statements.ts';
import type { SynthesizedApp } from '../../testing/infra/synthesized-app.ts';

const READ = ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'];
const WRITE = ['dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'];
/** What every function may do: write its own log and its traces. */
const OWN = [
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  'xray:PutTelemetryRecords',
  'xray:PutTraceSegments',
];
const QUEUE = [
  'sqs:ChangeMessageVisibility',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
  'sqs:GetQueueUrl',
  'sqs:ReceiveMessage',
];
const SECRETS = 'secretsmanager:GetSecretValue';
const PUSH = 'execute-api:ManageConnections';
const READ_OBJECTS = ['s3:GetObject', 's3:ListBucket'];

/** Every action that a function may call, written out a second time: rights change by intent only. */
const EXPECTED: Record<string, readonly string[]> = {
  relay: [],
  auth: [...READ, ...WRITE, SECRETS, PUSH, 'sqs:SendMessage'],
  users: [...READ, ...WRITE, SECRETS, 'lambda:InvokeFunction', PUSH],
  sessions: [...READ, ...WRITE, SECRETS, 'lambda:InvokeFunction', PUSH],
  messages: [
    ...READ,
    ...WRITE,
    SECRETS,
    'lambda:InvokeFunction',
    ...READ_OBJECTS,
    's3:PutObject',
    'sqs:SendMessage',
  ],
  conversations: [...READ, ...WRITE, SECRETS, 'lambda:InvokeFunction'],
  webhooks: [...READ, ...WRITE, SECRETS, 'sqs:SendMessage'],
  analytics: [...READ, ...WRITE, SECRETS],
  workers: [...READ, ...WRITE, SECRETS, 'lambda:InvokeFunction', PUSH, 'sqs:SendMessage'],
  callbacks: [...READ, ...WRITE, SECRETS, PUSH, 'sqs:SendMessage'],
  admin: [...READ, ...WRITE, SECRETS, 'lambda:InvokeFunction', PUSH, 'sqs:SendMessage'],
  system: [...READ],
  realtime: [...READ, ...WRITE, SECRETS, PUSH],
  supervisor: [...READ, ...WRITE, SECRETS, 'lambda:InvokeFunction', PUSH, ...READ_OBJECTS, 'sqs:SendMessage'],
  delivery: [...READ, ...WRITE, ...QUEUE, 'sqs:SendMessage', 's3:GetObject'],
  outbox: [...READ, ...WRITE, SECRETS, 'lambda:InvokeFunction', PUSH, ...QUEUE, 'sqs:SendMessage'],
  rotation: [
    'secretsmanager:DescribeSecret',
    SECRETS,
    'secretsmanager:PutSecretValue',
    'secretsmanager:UpdateSecretVersionStage',
  ],
};

/** Stages that name a sender. */
const MAILING = new Set<string>(
  Object.values(STAGES)
    .filter(({ mailSender }) => mailSender !== undefined)
    .map(({ name }) => name),
);

/** Laws over every right that is given to anybody. */
export function rightsLaws(app: () => SynthesizedApp): void {
  const functions = (): FunctionRights[] => rightsByFunction(app().resources);

  describe('rights', () => {
    it('name their actions: no wildcard anywhere', () => {
      const wild = statementsOf(app().resources).filter(({ actions }) =>
        actions.some((action) => action.includes('*')),
      );
      expect(wild.filter(({ effect }) => effect === 'Allow').map(({ owner }) => owner)).toEqual([]);
    });

    it('name their resources, but for the three actions that know none', () => {
      const knowNone = /^(xray:Put(TraceSegments|TelemetryRecords)|ecr:GetAuthorizationToken)$/;
      const wild = statementsOf(app().resources).filter(
        ({ effect, actions, resources }) =>
          effect === 'Allow' &&
          resources.includes('"*"') &&
          !actions.every((action) => knowNone.test(action)),
      );
      expect(wild.map(({ owner, actions }) => `${owner}: ${actions.join()}`)).toEqual([]);
    });

    it('of functions are exactly those written here', () => {
      for (const { stage, name, actions } of functions()) {
        const mails =
          ['delivery', 'supervisor'].includes(name) && MAILING.has(stage) ? ['ses:SendEmail'] : [];
        const expected = EXPECTED[name]?.concat(mails);
        expect(expected, `nobody has written down what ${name} may do`).toBeDefined();
        expect(actions, `${stage} ${name}`).toEqual([...new Set([...OWN, ...(expected ?? [])])].sort());
      }
    });

    it('reach the secrets that the callers of a group prove themselves by, and no others', () => {
      for (const [group, routes] of Map.groupBy<string, RouteDeclaration>(
        controlRoutes,
        (route) => route.group,
      )) {
        const callers = new Set(routes.flatMap((route) => route.callers));
        const found = functions().find(({ name, stage }) => name === group && stage === 'production');
        const secrets = found?.secrets ?? [];
        const usesJwt = callers.has('user') || callers.has('admin') || group === 'auth';
        if (usesJwt) expect(secrets, group).toContain('Jwt');
        else expect(secrets, group).not.toContain('Jwt');
        if (callers.has('worker')) expect(secrets, group).toContain('Worker');
      }
    });

    it('let no function into the VPC’s workers but through the relay, and the relay into nothing', () => {
      const relay = functions().filter(({ name }) => name === 'relay');
      expect(relay).toHaveLength(3);
      for (const { actions } of relay) expect(actions).toEqual(OWN);
    });

    it('end at object prefixes', () => {
      const onObjects = statementsOf(app().resources).filter(({ actions }) =>
        actions.includes('s3:GetObject'),
      );
      expect(onObjects).not.toHaveLength(0);
      for (const { owner, resources } of onObjects)
        for (const resource of resources)
          expect(resource, owner).toMatch(/"\/(sessions|media|temp|workers)\/\*"/);
    });

    it('are known for every function of the table', () => {
      expect(Object.keys(EXPECTED).sort()).toEqual([...Object.keys(RIGHTS), 'relay', 'rotation'].sort());
    });
  });
}
