import * as z from 'zod';
import { type FoundResource, property, text } from './synthesized-app.ts';

const list = <T extends z.ZodType>(of: T) => z.union([z.array(of), of.transform((one) => [one])]);
const Statement = z.object({
  Effect: z.string(),
  Action: list(z.string()).optional(),
  Resource: list(z.unknown()).optional(),
});
const PolicyProperties = z.object({
  PolicyDocument: z.object({ Statement: z.array(Statement) }),
  Roles: z.array(z.object({ Ref: z.string() })).optional(),
});
const RoleOf = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) });

export interface FoundStatement {
  /** Stack and logical id of the policy. */
  owner: string;
  stack: string;
  /** Logical ids. */
  roles: string[];
  effect: string;
  actions: string[];
  /** As JSON: they hold references. */
  resources: string[];
}

/** Every statement of every identity's policy. */
export function statementsOf(resources: readonly FoundResource[]): FoundStatement[] {
  return resources
    .filter(({ type }) => type === 'AWS::IAM::Policy')
    .flatMap((policy) => {
      const { PolicyDocument, Roles = [] } = PolicyProperties.parse(policy.properties);
      return PolicyDocument.Statement.map(({ Effect, Action = [], Resource = [] }) => ({
        owner: policy.name,
        stack: policy.stack,
        roles: Roles.map(({ Ref }) => Ref),
        effect: Effect,
        actions: Action,
        resources: Resource.map((each) => text(each)),
      }));
    });
}

export interface FunctionRights {
  stage: string;
  /** `auth`, `supervisor`, `relay`: the construct's id in lower case. */
  name: string;
  /** Sorted, each once. */
  actions: string[];
  secrets: ('Jwt' | 'Worker')[];
  /** All that its role is given. */
  statements: FoundStatement[];
}

/** What each function may call. */
export function rightsByFunction(resources: readonly FoundResource[]): FunctionRights[] {
  const statements = statementsOf(resources);
  return (
    resources
      // CDK's own, which empties the bucket of an ephemeral stage, has a bucket policy instead of rights.
      .filter(
        ({ type, name }) => type === 'AWS::Lambda::Function' && !name.includes('CustomResourceProvider'),
      )
      .map((fn) => {
        const [roleId] = RoleOf.parse(property(fn, 'Role'))['Fn::GetAtt'];
        const own = statements.filter(({ stack, roles }) => stack === fn.stack && roles.includes(roleId));
        const reached = own.flatMap(({ actions, resources: arns }) =>
          actions.some((action) => action.startsWith('secretsmanager:')) ? arns : [],
        );
        return {
          stage: fn.stage,
          name: (/\/([a-zA-Z]+?)Function[0-9A-F]{8}$/.exec(fn.name)?.[1] ?? fn.name).toLowerCase(),
          statements: own,
          actions: [...new Set(own.flatMap(({ actions }) => actions))].sort(),
          secrets: [
            ...(reached.some((arn) => arn.includes('JwtKey')) ? (['Jwt'] as const) : []),
            ...(reached.some((arn) => arn.includes('WorkerTokens')) ? (['Worker'] as const) : []),
          ],
        };
      })
  );
}
