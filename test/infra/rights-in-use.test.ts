import { describe, expect, it } from 'vitest';
import type { BundledFunction } from '../../infra/functions/function-bundles.ts';
import { BUNDLED_FUNCTIONS, functionBundles } from '../../infra/functions/function-bundles.ts';
import { RIGHTS, type Rights } from '../../infra/functions/rights.ts';
import type { FunctionName } from '../../infra/stages.ts';

const NAMES = Object.keys(RIGHTS) as FunctionName[];

interface Part {
  /** How code that uses it looks in a bundle: minifying leaves the names of properties as they are. */
  inCode: RegExp;
  isGranted: (rights: Rights) => boolean;
}

/** The parts of `Deps` that reach beyond the table, and the rights that go with them. */
const PARTS: Readonly<Record<string, Part>> = {
  'reads or signs objects': {
    inCode: /\.objects\b|\{objects:\w+[,}]/,
    isGranted: ({ objects = [] }) =>
      objects.some(({ actions }) => actions.some((action) => action !== 's3:DeleteObject')),
  },
  'sends deliveries': {
    inCode: /queues\.deliveries\b/,
    isGranted: ({ sendsTo = [] }) => sendsTo.includes('deliveries'),
  },
  'sends to the dead letters': {
    inCode: /queues\.deadLetters\b/,
    isGranted: ({ sendsTo = [] }) => sendsTo.includes('deliveryDeadLetters'),
  },
  'rings the outbox': {
    inCode: /queues\.outbox\b/,
    isGranted: ({ sendsTo = [] }) => sendsTo.includes('outbox'),
  },
  pushes: {
    inCode: /\.push\.(listeners|toSession|toAdmins|toConnection|closeConnection)\b/,
    isGranted: ({ pushes }) => pushes === true,
  },
  mails: { inCode: /\.sendMail\(/, isGranted: ({ mails }) => mails === true },
  'calls workers': {
    inCode: /\.workers\(\{endpoint\b/,
    isGranted: ({ callsWorkers }) => callsWorkers === true,
  },
};

/** Commands of the SDK's clients, by the actions that IAM asks for. */
const ACTIONS: Readonly<Record<string, string>> = {
  'dynamodb BatchGetItem': 'dynamodb:BatchGetItem',
  'dynamodb GetItem': 'dynamodb:GetItem',
  'dynamodb Query': 'dynamodb:Query',
  'dynamodb DeleteItem': 'dynamodb:DeleteItem',
  'dynamodb PutItem': 'dynamodb:PutItem',
  'dynamodb UpdateItem': 'dynamodb:UpdateItem',
  's3 GetObject': 's3:GetObject',
  's3 HeadObject': 's3:GetObject',
  's3 ListObjectsV2': 's3:ListBucket',
  's3 PutObject': 's3:PutObject',
  'sqs SendMessageBatch': 'sqs:SendMessage',
  'apigatewaymanagementapi PostToConnection': 'execute-api:ManageConnections',
  'apigatewaymanagementapi DeleteConnection': 'execute-api:ManageConnections',
  'sesv2 SendEmail': 'ses:SendEmail',
  'lambda Invoke': 'lambda:InvokeFunction',
  'secrets-manager GetSecretValue': 'secretsmanager:GetSecretValue',
  'secrets-manager DescribeSecret': 'secretsmanager:DescribeSecret',
  'secrets-manager PutSecretValue': 'secretsmanager:PutSecretValue',
  'secrets-manager UpdateSecretVersionStage': 'secretsmanager:UpdateSecretVersionStage',
};

/** What the clients bring along by themselves: endpoint discovery, paginators, directory buckets. None is used here. */
const BROUGHT = new Set(['dynamodb DescribeEndpoints', 'dynamodb Scan', 's3 CreateSession']);

const COMMAND = /@aws-sdk\/client-([\w-]+)\/dist-es\/commands\/(\w+)Command\.js$/;

/** The actions of all commands in a bundle; a command that nobody has written down stands for itself. */
function actionsIn(sources: readonly string[]): string[] {
  const commands = sources.flatMap((file) => {
    const [, service, operation] = COMMAND.exec(file) ?? [];
    return service === undefined ? [] : [`${service} ${operation}`];
  });
  const own = commands.filter((command) => !BROUGHT.has(command));
  return [...new Set(own.map((command) => ACTIONS[command] ?? command))].sort();
}

const READS = ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'];
const WRITES = ['dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'];

/** What the rights of a function come to in IAM's words. */
function actionsOf(name: BundledFunction): Set<string> {
  if (name === 'relay') return new Set();
  if (name === 'rotation')
    return new Set(
      ['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'].map(
        (action) => `secretsmanager:${action}`,
      ),
    );
  const { table, secrets, objects = [], sendsTo = [], pushes, mails, callsWorkers } = RIGHTS[name];
  return new Set([
    ...READS,
    ...(table === 'write' ? WRITES : []),
    ...(secrets.length > 0 ? ['secretsmanager:GetSecretValue'] : []),
    ...objects.flatMap(({ actions, list }) => [...actions, ...(list === true ? ['s3:ListBucket'] : [])]),
    ...(sendsTo.length > 0 ? ['sqs:SendMessage'] : []),
    ...(pushes === true ? ['execute-api:ManageConnections'] : []),
    ...(mails === true ? ['ses:SendEmail'] : []),
    ...(callsWorkers === true ? ['lambda:InvokeFunction'] : []),
  ]);
}

/** Bundling takes two seconds on an idle machine; tests run beside others. */
describe('of the functions', { timeout: 120_000 }, () => {
  it.each(Object.entries(PARTS))(
    'exactly those whose code %s may do so',
    async (_, { inCode, isGranted }) => {
      const bundles = await functionBundles();
      const code = (name: FunctionName) => Buffer.from(bundles.get(name)?.code ?? []).toString('utf8');
      const uses = NAMES.filter((name) => inCode.test(code(name)));
      expect(uses).not.toHaveLength(0);
      expect(NAMES.filter((name) => isGranted(RIGHTS[name]))).toEqual(uses);
    },
  );

  it.each(BUNDLED_FUNCTIONS)('%s holds the commands that its rights name, and no others', async (name) => {
    const sources = (await functionBundles()).get(name)?.sources ?? [];
    expect(actionsIn(sources)).toEqual([...actionsOf(name)].sort());
  });
});
