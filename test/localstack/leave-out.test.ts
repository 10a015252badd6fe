import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createApp } from '../../infra/create-app.ts';
import { emulated, STAGES } from '../../infra/stages.ts';
import { type Lack, MINISTACK_LACKS } from '../../localstack/lacks.ts';
import { leaveOut } from '../../localstack/leave-out.ts';
import { tellLeftOut } from '../../localstack/read-deployed.ts';
import { DEPLOYED_STACKS } from '../../localstack/stage.ts';

/** Some seconds on an idle machine; tests run beside others. */
const SYNTHESIS_TIMEOUT_MS = 120_000;

const Template = z.object({ Resources: z.record(z.string(), z.object({ Type: z.string() })) });

function synthesize(lacks: readonly Lack[]) {
  const context = { 'aws:cdk:bundling-stacks': [] };
  const settings = emulated(STAGES.dev, 'http://127.0.0.1:4566');
  const { app, stages } = createApp({ context, analyticsReporting: false }, [settings]);
  const leftOut = stages.map((stage) => leaveOut(stage, lacks));
  const { stacks } = app.synth().getNestedAssembly('assembly-dev');
  return {
    stacks: stacks.map(({ hierarchicalId }) => hierarchicalId),
    types: stacks.flatMap(({ template }) =>
      Object.values(Template.parse(template).Resources).map(({ Type }) => Type),
    ),
    leftOut: leftOut.flatMap((each) => [...each.values()]),
  };
}

describe('what an emulator is not given', { timeout: SYNTHESIS_TIMEOUT_MS }, () => {
  const all = synthesize([]);
  const given = synthesize(MINISTACK_LACKS);

  it('what an emulator is not given is all that its templates lack, and every stack is deployed', () => {
    expect(all.leftOut).toEqual([]);
    expect([...given.types, ...given.leftOut.map(({ type }) => type)].sort()).toEqual(all.types.sort());
    expect(DEPLOYED_STACKS.slice(1).toSorted()).toEqual(given.stacks.toSorted());
  });

  it('what an emulator is not given is there in a stage on AWS: no kind is listed for nothing', () => {
    const types = new Set(given.leftOut.map(({ type }) => type));
    expect(MINISTACK_LACKS.map(({ type }) => type).filter((type) => !types.has(type))).toEqual([]);
  });

  it('what an emulator is not given leaves the alarms that are no metric math', () => {
    expect(given.types.filter((type) => type === 'AWS::CloudWatch::Alarm')).not.toHaveLength(0);
  });

  it('what an emulator is not given is told by name, kind and reason', () => {
    const lines = tellLeftOut(given.leftOut).join('\n');
    for (const { path, type, why } of given.leftOut)
      for (const each of [path.replace(/\/Resource$/, ''), type, why]) expect(lines).toContain(each);
  });
});
