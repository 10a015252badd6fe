import { Aspects, CfnResource, type Stage } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Lack } from './lacks.ts';

/** A resource that the emulator does not get. */
export interface LeftOut {
  /** CDK's path, `dev/observability/dead-letters/Resource`. */
  path: string;
  type: string;
  why: string;
}

/** After every aspect that makes or changes something: CDK's own end at 200, checks begin at 1,000. */
const PRIORITY = 900;

const propertyOf = (name: string) => `${name.charAt(0).toLowerCase()}${name.slice(1)}`;

function lackOf(node: CfnResource, lacks: readonly Lack[]): Lack | undefined {
  return lacks.find(
    ({ type, property }) =>
      type === node.cfnResourceType &&
      (property === undefined || Reflect.get(node, propertyOf(property)) !== undefined),
  );
}

/**
 * Has every resource of these kinds taken out of the stage's templates while they are synthesized; the constructs
 * stay as they are. @returns what was taken out, complete after synthesis
 */
export function leaveOut(stage: Stage, lacks: readonly Lack[]): ReadonlyMap<string, LeftOut> {
  const found = new Map<string, LeftOut>();
  const visit = (node: IConstruct) => {
    if (!CfnResource.isCfnResource(node)) return;
    const lack = lackOf(node, lacks);
    if (lack === undefined) return;
    node.node.scope?.node.tryRemoveChild(node.node.id);
    found.set(node.node.path, { path: node.node.path, type: lack.type, why: lack.why });
  };
  Aspects.of(stage).add({ visit }, { priority: PRIORITY });
  return found;
}
