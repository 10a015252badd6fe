import { callJson, callQuery, callService, elements, getJson } from './emulator-client.ts';
import type { Emulator } from './env.ts';

/** The strings in a list, or those under a key of its objects. */
function strings(list: unknown, key?: string): string[] {
  if (!Array.isArray(list)) return [];
  return list
    .map((each: unknown) => (key === undefined ? each : Reflect.get(Object(each), key)))
    .filter((each): each is string => typeof each === 'string');
}

export async function listBuckets(emulator: Emulator): Promise<string[]> {
  return elements(await callService(emulator, { service: 's3' }), 'Name');
}

export async function listFunctions(emulator: Emulator): Promise<string[]> {
  const { Functions } = await getJson(emulator, 'lambda', '2015-03-31/functions/?MaxItems=200');
  return strings(Functions, 'FunctionName');
}

/** VPCs but for the one that every account has. */
async function listVpcs(emulator: Emulator): Promise<string[]> {
  const xml = await callQuery(emulator, 'ec2', 'DescribeVpcs', '2016-11-15');
  return xml
    .split('<vpcId>')
    .slice(1)
    .flatMap((part) => (part.includes('<isDefault>true') ? [] : [part.slice(0, part.indexOf('<'))]));
}

async function listSecurityGroups(emulator: Emulator): Promise<string[]> {
  const xml = await callQuery(emulator, 'ec2', 'DescribeSecurityGroups', '2016-11-15');
  return elements(xml, 'groupName').filter((name) => name !== 'default');
}

/** Stacks that a `destroy` has not finished. */
async function listStacks(emulator: Emulator): Promise<string[]> {
  const xml = await callQuery(emulator, 'cloudformation', 'DescribeStacks', '2010-05-15');
  return elements(xml, 'StackName');
}

const cloudWatch = (emulator: Emulator, action: string) =>
  callJson(emulator, 'monitoring', `GraniteServiceVersion20100801.${action}`, {});
/** A cluster that is gone has no services: emulators refuse the question. */
const ecs = (emulator: Emulator, action: string, input: object = {}) =>
  callJson(emulator, 'ecs', `AmazonEC2ContainerServiceV20141113.${action}`, input).catch(
    (thrown: unknown): Record<string, unknown> => {
      if (thrown instanceof Error && thrown.message.includes('ClusterNotFoundException')) return {};
      throw thrown;
    },
  );

/** How each kind of resource of ours is listed. */
const KINDS: Readonly<Record<string, (emulator: Emulator) => Promise<string[]>>> = {
  stack: listStacks,
  table: async (emulator) =>
    strings((await callJson(emulator, 'dynamodb', 'DynamoDB_20120810.ListTables', {}))['TableNames']),
  bucket: listBuckets,
  queue: async (emulator) =>
    strings((await callJson(emulator, 'sqs', 'AmazonSQS.ListQueues', {}))['QueueUrls']),
  secret: async (emulator) =>
    strings(
      (await callJson(emulator, 'secretsmanager', 'secretsmanager.ListSecrets', {}))['SecretList'],
      'Name',
    ),
  function: listFunctions,
  'event source': async (emulator) =>
    strings(
      (await getJson(emulator, 'lambda', '2015-03-31/event-source-mappings/'))['EventSourceMappings'],
      'EventSourceArn',
    ),
  'log group': async (emulator) =>
    strings(
      (await callJson(emulator, 'logs', 'Logs_20140328.DescribeLogGroups', {}))['logGroups'],
      'logGroupName',
    ),
  api: async (emulator) => strings((await getJson(emulator, 'apigateway', 'v2/apis'))['items'], 'apiId'),
  rule: async (emulator) =>
    strings((await callJson(emulator, 'events', 'AWSEvents.ListRules', {}))['Rules'], 'Name'),
  role: async (emulator) => elements(await callQuery(emulator, 'iam', 'ListRoles', '2010-05-08'), 'RoleName'),
  alarm: async (emulator) =>
    strings((await cloudWatch(emulator, 'DescribeAlarms'))['MetricAlarms'], 'AlarmName'),
  dashboard: async (emulator) =>
    strings((await cloudWatch(emulator, 'ListDashboards'))['DashboardEntries'], 'DashboardName'),
  topic: async (emulator) =>
    elements(await callQuery(emulator, 'sns', 'ListTopics', '2010-03-31'), 'TopicArn'),
  schedule: async (emulator) =>
    strings((await getJson(emulator, 'scheduler', 'schedules'))['Schedules'], 'Name'),
  cluster: async (emulator) => strings((await ecs(emulator, 'ListClusters'))['clusterArns']),
  service: async (emulator) =>
    strings((await ecs(emulator, 'ListServices', { cluster: 'whatsapp-gateway-dev' }))['serviceArns']),
  'task definition': async (emulator) =>
    strings((await ecs(emulator, 'ListTaskDefinitions', { status: 'ACTIVE' }))['taskDefinitionArns']),
  vpc: listVpcs,
  'security group': listSecurityGroups,
};

/** Everything that exists in the emulator, as `kind name`, sorted. */
export async function listResources(emulator: Emulator): Promise<string[]> {
  const all = await Promise.all(
    Object.entries(KINDS).map(async ([kind, list]) =>
      (await list(emulator)).map((name) => `${kind} ${name}`),
    ),
  );
  return all.flat().sort();
}

/** What `cdk bootstrap` and the account's own stack made, which no stage owns. */
const OF_NO_STAGE = /^\w+ (CDKToolkit$|cdk-|whatsapp-gateway-account)/;

/** Whatever of a destroyed stage still exists. */
export async function findLeftovers(emulator: Emulator): Promise<string[]> {
  return (await listResources(emulator)).filter((each) => !OF_NO_STAGE.test(each));
}
