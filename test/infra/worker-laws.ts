import { describe, expect, it } from 'vitest';
import type { FoundResource, SynthesizedApp } from '../../testing/infra/synthesized-app.ts';

const text = ({ properties }: FoundResource) => JSON.stringify(properties);

/** What the workers' half must be, in every stage. */
export function workerLaws(app: () => SynthesizedApp): void {
  const ofType = (type: string) => app().resources.filter((each) => each.type === type);

  describe('the task of a worker', () => {
    it('is told two tokens: the one it shows, and the one that comes next', () => {
      const tasks = ofType('AWS::ECS::TaskDefinition');
      expect(tasks).toHaveLength(3);
      for (const task of tasks) {
        expect(text(task)).toMatch(/"Name":"WORKER_AUTH_TOKEN","ValueFrom":\{[^\]]*\]?[^\]]*:current::"/);
        expect(text(task)).toMatch(
          /"Name":"WORKER_AUTH_TOKEN_PREVIOUS","ValueFrom":\{[^\]]*\]?[^\]]*:next::"/,
        );
      }
    });

    it('looks up which version of WhatsApp Web is the current one: the one it was built with goes stale', () => {
      for (const task of ofType('AWS::ECS::TaskDefinition'))
        expect(text(task)).toContain('{"Name":"WHATSAPP_VERSION","Value":"auto"}');
    });

    it('may protect tasks of its own cluster, and no others', () => {
      const policies = ofType('AWS::IAM::Policy').filter((each) =>
        text(each).includes('ecs:UpdateTaskProtection'),
      );
      expect(policies).toHaveLength(3);
      for (const policy of policies) {
        const { Statement } = policy.properties['PolicyDocument'] as { Statement: Record<string, unknown>[] };
        const statement = Statement.find((each) => JSON.stringify(each).includes('TaskProtection'));
        expect(statement?.['Action']).toEqual(['ecs:GetTaskProtection', 'ecs:UpdateTaskProtection']);
        expect(JSON.stringify(statement?.['Resource'])).toMatch(/:task\/.*\/\*"/);
      }
    });

    it('has its deployments told to the supervisor, from beginning to end', () => {
      const rules = ofType('AWS::Events::Rule').filter(
        (each) => each.stack.endsWith('-workers') && text(each).includes('ECS Deployment State Change'),
      );
      expect(rules).toHaveLength(3);
      for (const rule of rules)
        for (const name of ['IN_PROGRESS', 'COMPLETED', 'FAILED'])
          expect(text(rule)).toContain(`SERVICE_DEPLOYMENT_${name}`);
    });
  });
}
