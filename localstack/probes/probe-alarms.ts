import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { FLEET_METRICS, METRIC_NAMESPACE } from '../../functions/workers/supervision/fleet-metrics.ts';
import { callJson, callQuery, elements } from '../emulator-client.ts';
import type { Emulator } from '../env.ts';
import { findFunction, invokeFunction } from '../invoke-function.ts';

const WITHIN_MS = 60_000;
const POLL_MS = 500;
/** Above every threshold. */
const ALARMING = 100_000;

const Groups = z.object({ logGroups: z.array(z.object({ logGroupName: z.string() })) });
const Lines = z.object({ events: z.array(z.object({ message: z.string() })) });
/** The supervisor's line, in CloudWatch's embedded metric format. */
const Embedded = z.looseObject({
  _aws: z.object({
    CloudWatchMetrics: z.tuple([
      z.object({
        Namespace: z.string(),
        Dimensions: z.tuple([z.tuple([z.literal('Environment')])]),
        Metrics: z.array(z.object({ Name: z.string(), Unit: z.string() })),
      }),
    ]),
  }),
  Environment: z.string(),
});
const Alarms = z.object({
  MetricAlarms: z.array(
    z.object({
      AlarmName: z.string(),
      AlarmDescription: z.string(),
      Namespace: z.string().nullish(),
      MetricName: z.string().nullish(),
      Dimensions: z.array(z.object({ Name: z.string(), Value: z.string() })),
      AlarmActions: z.array(z.string()),
    }),
  ),
});
type Alarm = z.output<typeof Alarms>['MetricAlarms'][number];
const Messages = z.object({
  Messages: z.array(z.object({ Body: z.string() })).nullish(),
});

const logs = (emulator: Emulator, action: string, input: object) =>
  callJson(emulator, 'logs', `Logs_20140328.${action}`, input);
const metrics = (emulator: Emulator, action: string, input: object) =>
  callJson(emulator, 'monitoring', `GraniteServiceVersion20100801.${action}`, input);
const sqs = (emulator: Emulator, action: string, input: object) =>
  callJson(emulator, 'sqs', `AmazonSQS.${action}`, input);

/** The line of metrics that the deployed supervisor wrote into its log. */
async function readEmbedded(emulator: Emulator): Promise<z.output<typeof Embedded>> {
  const { logGroups } = Groups.parse(await logs(emulator, 'DescribeLogGroups', {}));
  const group = logGroups.find(({ logGroupName }) => logGroupName.includes('SupervisorLogs'));
  await invokeFunction(emulator, await findFunction(emulator, '-background-Supervisor'), {});
  const deadline = performance.now() + WITHIN_MS;
  for (;;) {
    const found = await logs(emulator, 'FilterLogEvents', { logGroupName: group?.logGroupName });
    const line = Lines.parse(found).events.findLast(({ message }) => message.startsWith('{"_aws"'));
    if (line !== undefined) return Embedded.parse(JSON.parse(line.message));
    if (performance.now() > deadline) throw new Error('The supervisor has written no metrics into its log.');
    await sleep(POLL_MS);
  }
}

/** The deployed alarms over what that line holds. @throws where there is none, or one looks elsewhere */
async function alarmsOver(emulator: Emulator, line: z.output<typeof Embedded>): Promise<Alarm[]> {
  const { MetricAlarms } = Alarms.parse(await metrics(emulator, 'DescribeAlarms', {}));
  const alarms = MetricAlarms.filter(({ Namespace }) => Namespace === METRIC_NAMESPACE);
  const [{ Metrics }] = line._aws.CloudWatchMetrics;
  const isFed = ({ MetricName, Dimensions }: Alarm) =>
    Metrics.some(({ Name }) => Name === MetricName) &&
    Dimensions.length === 1 &&
    Dimensions[0]?.Name === 'Environment' &&
    Dimensions[0].Value === line.Environment;
  const unfed = alarms.filter((alarm) => !isFed(alarm)).map(({ AlarmName }) => AlarmName);
  if (alarms.length === 0 || unfed.length > 0)
    throw new Error(`Of ${alarms.length} alarms nobody writes the metric of: ${unfed.join(', ')}`);
  return alarms;
}

/** A queue that hears what the alarms' topic says. */
async function subscribe(emulator: Emulator, topicArn: string) {
  const { QueueUrl } = await sqs(emulator, 'CreateQueue', { QueueName: 'alarm-probe' });
  const arn = `arn:aws:sqs:${emulator.region}:000000000000:alarm-probe`;
  const input = { TopicArn: topicArn, Protocol: 'sqs', Endpoint: arn };
  const [subscription = ''] = elements(
    await callQuery(emulator, 'sns', 'Subscribe', '2010-03-31', input),
    'SubscriptionArn',
  );
  return {
    receive: async () => {
      const answer = await sqs(emulator, 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
      return (Messages.parse(answer).Messages ?? []).map(({ Body }) => Body);
    },
    remove: async () => {
      await callQuery(emulator, 'sns', 'Unsubscribe', '2010-03-31', { SubscriptionArn: subscription });
      await sqs(emulator, 'DeleteQueue', { QueueUrl });
    },
  };
}

const runbookOf = ({ AlarmDescription }: Alarm) => AlarmDescription.split(' Runbook: ').at(-1) ?? '';

/**
 * From the supervisor's log to whoever is called: emulators do not read the embedded metric format, so what it names
 * is written by a call here, with alarming values. @returns what was shown @throws where an alarm stays silent
 */
export async function probeAlarms(emulator: Emulator): Promise<string> {
  const line = await readEmbedded(emulator);
  const alarms = await alarmsOver(emulator, line);
  const queue = await subscribe(emulator, alarms[0]?.AlarmActions[0] ?? '');
  try {
    const [{ Namespace, Metrics }] = line._aws.CloudWatchMetrics;
    const Dimensions = [{ Name: 'Environment', Value: line.Environment }];
    const write = (Value: number) =>
      metrics(emulator, 'PutMetricData', {
        Namespace,
        MetricData: Metrics.map(({ Name }) => ({ MetricName: Name, Dimensions, Value })),
      });
    // Once quiet, so that there is something to change.
    await write(0);
    const waiting = new Set(alarms.map(runbookOf));
    await write(ALARMING);
    const deadline = performance.now() + WITHIN_MS;
    while (waiting.size > 0) {
      for (const said of await queue.receive())
        for (const page of waiting)
          if (said.includes(page) && /"ALARM|ALARM\\?"/.test(said)) waiting.delete(page);
      if (performance.now() > deadline)
        throw new Error(`Nobody was called by the alarms of ${[...waiting].join(', ')}`);
      if (waiting.size > 0) await sleep(POLL_MS);
    }
  } finally {
    await queue.remove();
  }
  const names = Object.keys(FLEET_METRICS).length;
  return `alarms: ${names} metrics of the supervisor's own log line feed ${alarms.length} alarms; each called by the topic, naming its runbook`;
}
