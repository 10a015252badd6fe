import { statusOf } from '../../shared/aws/call-failure.ts';
import type { OurCall } from './our-calls.ts';
import type { FunctionPolicy } from './policies.ts';

/** `failed`: neither done nor refused for want of a right. */
export type Outcome = 'done' | 'refused' | 'failed';

/** Whether a function's rights, as they are written down, cover a call. */
export function isGranted({ actions, policy }: FunctionPolicy, { action, on }: OurCall): boolean {
  if (!actions.includes(action)) return false;
  if (on === undefined) return true;
  const isAbout = (arn: string) => arn.endsWith(`/${on.split('/')[0]}/*`) || arn.endsWith(`:${on}.fifo`);
  return policy.Statement.some(({ Action, Resource }) => Action.includes(action) && Resource.some(isAbout));
}

/** The status of AWS's answer; of a mail's failure, which hands nothing of it on, as its message says it. */
function statusIn(thrown: unknown): number | undefined {
  const said = thrown instanceof Error ? /answered (\d{3})/.exec(thrown.message)?.[1] : undefined;
  return said === undefined ? statusOf(thrown) : Number(said);
}

/** moto runs no functions without Docker: it says that there is none, once it has looked at signature and right. */
const NO_FUNCTION = 404;

/** A busy machine may answer later than our calls wait: that says nothing about them, so they are made again. */
const ATTEMPTS = 5;

export async function outcomeOf(call: OurCall, make: () => Promise<unknown>): Promise<Outcome> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await make();
      return 'done';
    } catch (thrown) {
      const status = statusIn(thrown);
      if (status === 403) return 'refused';
      if (status === NO_FUNCTION && call.action === 'lambda:InvokeFunction') return 'done';
      if (status === undefined && attempt < ATTEMPTS) continue;
      console.error(`${call.action} ${call.on ?? ''}:`, thrown);
      return 'failed';
    }
  }
}
