import { describe, expect, it } from 'vitest';
import { functionBundles } from '../../infra/functions/function-bundles.ts';
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
  'moves deliveries to the slow lane': {
    inCode: /queues\.slowDeliveries\b/,
    isGranted: ({ sendsTo = [] }) => sendsTo.includes('slowDeliveries'),
  },
  'gives deliveries up': {
    inCode: /queues\.givenUp\b/,
    isGranted: ({ sendsTo = [] }) => sendsTo.includes('givenUpDeliveries'),
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

/** Bundling takes two seconds on an idle machine; tests run beside others. */
describe('of the functions', { timeout: 120_000 }, () => {
  it.each(Object.entries(PARTS))('exactly those whose code %s may do so', (_, { inCode, isGranted }) => {
    const code = (name: FunctionName) =>
      Buffer.from(functionBundles().get(name)?.code ?? []).toString('utf8');
    const uses = NAMES.filter((name) => inCode.test(code(name)));
    expect(uses).not.toHaveLength(0);
    expect(NAMES.filter((name) => isGranted(RIGHTS[name]))).toEqual(uses);
  });
});
