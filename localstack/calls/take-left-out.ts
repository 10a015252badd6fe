import * as z from 'zod';
import type { FoundResource } from '../../testing/infra/synthesized-app.ts';
import { callJson } from '../emulator-client.ts';
import type { Emulator } from '../env.ts';
import { MINISTACK_LACKS } from '../lacks.ts';

/** What another emulator says to a resource that MiniStack does not make. */
export interface Taken {
  type: string;
  taken: number;
  /** Why not, where it is not. */
  refused: string[];
}

const CLUSTER = 'whatsapp-gateway-production';
const SERVICE = 'workers';

const scaling = (emulator: Emulator, action: string, input: object) =>
  callJson(emulator, 'application-autoscaling', `AnyScaleFrontendService.${action}`, input);
const ecs = (emulator: Emulator, action: string, input: object) =>
  callJson(emulator, 'ecs', `AmazonEC2ContainerServiceV20141113.${action}`, input);

/** References are replaced by a name: it is the rest that is looked at. */
function withNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNames);
  if (typeof value !== 'object' || value === null) return value;
  const [[key = '', inner] = []] = Object.entries(value);
  if (key === 'Fn::Join') {
    const [, parts] = z.tuple([z.string(), z.array(z.unknown())]).parse(inner);
    return parts.map((part) => String(withNames(part))).join('');
  }
  if (key === 'Ref' || key.startsWith('Fn::')) return 'a-name';
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withNames(each)]));
}

/** A cluster with a service, for what is attached to one. */
async function makeService(emulator: Emulator): Promise<void> {
  await ecs(emulator, 'CreateCluster', { clusterName: CLUSTER });
  const containerDefinitions = [{ name: 'worker', image: 'worker', memory: 512 }];
  await ecs(emulator, 'RegisterTaskDefinition', { family: SERVICE, containerDefinitions });
  const service = { serviceName: SERVICE, taskDefinition: SERVICE, desiredCount: 1 };
  await ecs(emulator, 'CreateService', { cluster: CLUSTER, ...service });
}

type Properties = Record<string, unknown>;
const target = {
  ServiceNamespace: 'ecs',
  ResourceId: `service/${CLUSTER}/${SERVICE}`,
  ScalableDimension: 'ecs:service:DesiredCount',
};
/**
 * The calls that CloudFormation would make, by type; properties are named alike on both sides. Not among them:
 * RotateSecret, at which moto calls the function at once, and that takes Docker.
 */
const TAKE: Readonly<Record<string, (emulator: Emulator, properties: Properties) => Promise<unknown>>> = {
  'AWS::ApplicationAutoScaling::ScalableTarget': (emulator, properties) =>
    scaling(emulator, 'RegisterScalableTarget', { ...properties, ...target }),
  'AWS::ApplicationAutoScaling::ScalingPolicy': (emulator, { ScalingTargetId: _, ...properties }) =>
    scaling(emulator, 'PutScalingPolicy', { ...properties, ...target }),
  'AWS::ECS::ClusterCapacityProviderAssociations': (emulator, properties) =>
    ecs(emulator, 'PutClusterCapacityProviders', {
      cluster: CLUSTER,
      capacityProviders: properties['CapacityProviders'],
      defaultCapacityProviderStrategy: properties['DefaultCapacityProviderStrategy'],
    }),
  'AWS::CloudWatch::Alarm': (emulator, properties) =>
    callJson(emulator, 'monitoring', 'GraniteServiceVersion20100801.PutMetricAlarm', {
      AlarmName: 'metric-math',
      ...properties,
    }),
};

/** Order matters: a policy asks for its target. */
const ORDER = Object.keys(TAKE);

/** Shows moto what MiniStack does not make, as production's templates have it. */
export async function takeLeftOut(emulator: Emulator, resources: readonly FoundResource[]): Promise<Taken[]> {
  await makeService(emulator);
  const lacks = MINISTACK_LACKS.toSorted((a, b) => ORDER.indexOf(a.type) - ORDER.indexOf(b.type));
  const all: Taken[] = [];
  for (const { type, property } of lacks) {
    const make = TAKE[type];
    if (make === undefined) continue;
    const taken: Taken = { type, taken: 0, refused: [] };
    const found = resources.filter(
      (each) => each.type === type && (property === undefined || each.properties[property] !== undefined),
    );
    for (const { properties } of found) {
      try {
        const named = z.record(z.string(), z.unknown()).parse(withNames(properties));
        await make(emulator, named);
        taken.taken += 1;
      } catch (thrown) {
        taken.refused.push(thrown instanceof Error ? thrown.message : String(thrown));
      }
    }
    all.push(taken);
  }
  return all;
}
