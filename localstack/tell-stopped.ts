import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { callJson } from './emulator-client.ts';
import type { Emulator } from './env.ts';
import { invokeFunction } from './invoke-function.ts';

/** Says that the task of this id has stopped; resolves once its sessions were taken off it. */
export type TellStopped = (workerId: string) => Promise<void>;

const Rules = z.object({
  Rules: z.array(z.object({ Name: z.string(), EventPattern: z.string().optional() })),
});
const Targets = z.object({ Targets: z.array(z.object({ Arn: z.string() })).min(1) });
const Tested = z.object({ Result: z.boolean() });

const events = (emulator: Emulator, action: string, input: object) =>
  callJson(emulator, 'events', `AWSEvents.${action}`, input);

/** ECS's event, as EventBridge passes it on. */
function taskStopped({ region }: Emulator, workerId: string) {
  const cluster = 'whatsapp-gateway-dev';
  const arn = (name: string) => `arn:aws:ecs:${region}:000000000000:${name}`;
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'ECS Task State Change',
    source: 'aws.ecs',
    account: '000000000000',
    time: new Date().toISOString(),
    region,
    resources: [arn(`task/${cluster}/${workerId}`)],
    detail: {
      clusterArn: arn(`cluster/${cluster}`),
      taskArn: arn(`task/${cluster}/${workerId}`),
      lastStatus: 'STOPPED',
    },
  };
}

/**
 * By the deployed rule: its pattern is asked whether it takes the event, and its target gets it. Only ECS itself
 * may send such an event, on AWS as in an emulator, which has no tasks to stop.
 * @throws where no such rule is deployed; the returned function where the rule or its target does not take the event
 */
export async function findTaskStoppedRule(emulator: Emulator): Promise<TellStopped> {
  const { Rules: rules } = Rules.parse(await events(emulator, 'ListRules', {}));
  const rule = rules.find(({ Name }) => Name.includes('-workers-TaskStopped'));
  if (rule === undefined) throw new Error('No rule for stopped tasks is deployed in the emulator.');
  const { Targets: targets } = Targets.parse(
    await events(emulator, 'ListTargetsByRule', { Rule: rule.Name }),
  );
  const names = targets.map(({ Arn }) => Arn.split(':').at(-1) ?? '');
  return async (workerId) => {
    const event = taskStopped(emulator, workerId);
    const { Result: isTaken } = Tested.parse(
      await events(emulator, 'TestEventPattern', {
        EventPattern: rule.EventPattern,
        Event: JSON.stringify(event),
      }),
    );
    if (!isTaken) throw new Error(`The rule ${rule.Name} does not take ECS's event.`);
    for (const name of names) await invokeFunction(emulator, name, event);
  };
}
