import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { STAGES } from '../../infra/stages.ts';
import { routeKeys } from '../../shared/contract/route.ts';
import { controlRoutes } from '../../shared/control-routes.ts';
import {
  type FoundResource,
  property,
  type SynthesizedApp,
  text,
} from '../../testing/infra/synthesized-app.ts';
import { ENDINGS } from '../../worker/sessions/connection/connection-facts.ts';

/** Laws over every resource of every stage. */
export function resourceLaws(app: () => SynthesizedApp): void {
  const ofType = (type: string) => app().resources.filter((resource) => resource.type === type);
  /** Names of those that break a law: an empty list is what the law asks for. */
  const breaking = (type: string, isLawful: (resource: FoundResource) => boolean) => {
    const all = ofType(type);
    expect(all, `there is no ${type} to judge`).not.toHaveLength(0);
    return all.filter((resource) => !isLawful(resource)).map(({ name }) => name);
  };

  describe('the whole app', () => {
    it('has no finding of cdk-nag that was not reviewed', () => {
      expect(app().findings).toEqual([]);
    });
    it('has no stack near the limit of 500 resources', () => {
      const sizes = Map.groupBy(app().resources, ({ stack }) => stack);
      expect([...sizes].filter(([, each]) => each.length > 400).map(([stack]) => stack)).toEqual([]);
    });
  });

  describe('functions', () => {
    const FUNCTION = 'AWS::Lambda::Function';
    it('run on arm64 and Node 24', () => {
      expect(
        breaking(
          FUNCTION,
          (fn) =>
            text(property(fn, 'Architectures')) === '["arm64"]' && property(fn, 'Runtime') === 'nodejs24.x',
        ),
      ).toEqual([]);
    });
    it('are traced and write to a log group of their own', () => {
      expect(
        breaking(
          FUNCTION,
          (fn) =>
            property(fn, 'TracingConfig.Mode') === 'Active' &&
            property(fn, 'LoggingConfig.LogGroup') !== undefined,
        ),
      ).toEqual([]);
    });
    it('stand outside the VPC, but for the relay', () => {
      const inside = ofType(FUNCTION).filter((fn) => property(fn, 'VpcConfig') !== undefined);
      expect(inside.map(({ name }) => /network\/Relay/.test(name))).toEqual([true, true, true]);
    });
    it('end before the HTTP API gives up on them', () => {
      const inApi = ofType(FUNCTION).filter(({ stack }) => stack.endsWith('-api'));
      expect(inApi.filter((fn) => Number(property(fn, 'Timeout')) > 29).map(({ name }) => name)).toEqual([]);
    });
  });

  describe('logs', () => {
    it('end after a while', () => {
      expect(breaking('AWS::Logs::LogGroup', (log) => Number(property(log, 'RetentionInDays')) > 0)).toEqual(
        [],
      );
    });
  });

  describe('queues', () => {
    const isLast = (queue: FoundResource) => /DeadLetters|GivenUp/.test(queue.name);
    it('are encrypted, and have a dead-letter queue unless they are one, or hold what was given up', () => {
      expect(
        breaking(
          'AWS::SQS::Queue',
          (queue) =>
            property(queue, 'SqsManagedSseEnabled') === true &&
            isLast(queue) !== (property(queue, 'RedrivePolicy') !== undefined),
        ),
      ).toEqual([]);
    });
    it('for what tenants’ endpoints refuse and for what our functions fail over are different ones, with different alarms', () => {
      const alarmOn = (alarm: FoundResource) => {
        const { AlarmName: _, ...about } = alarm.properties;
        return ['DeadLetters', 'GivenUp'].filter(
          (word) => text(about).includes(`Deliveries${word}`) || text(about).includes(word),
        );
      };
      const alarms = ofType('AWS::CloudWatch::Alarm').map((alarm) => ({ ...alarm, on: alarmOn(alarm) }));
      const named = (page: string) =>
        alarms.filter(({ properties }) => text(properties).includes(`/${page}.md`));
      expect(named('dead-letters').map(({ on }) => on)).toEqual(Array(3).fill(['DeadLetters']));
      expect(named('given-up-deliveries').map(({ on }) => on)).toEqual(Array(3).fill(['GivenUp']));
      const targets = ofType('AWS::SQS::Queue').map((queue) => text(property(queue, 'RedrivePolicy') ?? ''));
      expect(targets.filter((target) => target.includes('GivenUp'))).toEqual([]);
    });
    it('are consumed as often at a time as their stage says, slow deliveries apart from the others', () => {
      const found = ofType('AWS::Lambda::EventSourceMapping').map((mapping) => {
        const source = text(property(mapping, 'EventSourceArn'));
        const queue =
          ['SlowDeliveries', 'Deliveries', 'Outbox'].find((name) => source.includes(name)) ?? source;
        const most = property(mapping, 'ScalingConfig.MaximumConcurrency');
        expect(property(mapping, 'FunctionResponseTypes'), mapping.name).toEqual(['ReportBatchItemFailures']);
        return `${mapping.stage} ${queue} ${most}`;
      });
      const expected = Object.values(STAGES).flatMap(({ name, consumers }) => [
        `${name} Deliveries ${consumers.deliveries}`,
        `${name} SlowDeliveries ${consumers.slowDeliveries}`,
        `${name} Outbox ${consumers.outbox}`,
      ]);
      expect(found.sort()).toEqual(expected.sort());
    });
    it('and buckets refuse anything but TLS', () => {
      const refuses = (policy: FoundResource) =>
        text(policy.properties).includes('"aws:SecureTransport":"false"');
      expect(breaking('AWS::SQS::QueuePolicy', refuses)).toEqual([]);
      expect(breaking('AWS::S3::BucketPolicy', refuses)).toEqual([]);
      expect(ofType('AWS::SQS::QueuePolicy')).toHaveLength(ofType('AWS::SQS::Queue').length);
      expect(ofType('AWS::S3::BucketPolicy')).toHaveLength(ofType('AWS::S3::Bucket').length);
    });
  });

  describe('data', () => {
    it('lies in private, encrypted buckets whose temporary objects expire', () => {
      expect(
        breaking(
          'AWS::S3::Bucket',
          (bucket) =>
            text(property(bucket, 'PublicAccessBlockConfiguration')).match(/true/g)?.length === 4 &&
            property(bucket, 'BucketEncryption') !== undefined &&
            text(property(bucket, 'LifecycleConfiguration')).includes('"temp/"'),
        ),
      ).toEqual([]);
    });
    it('is paid by use and expires by ttl', () => {
      expect(
        breaking(
          'AWS::DynamoDB::Table',
          (table) =>
            property(table, 'BillingMode') === 'PAY_PER_REQUEST' &&
            property(table, 'TimeToLiveSpecification.AttributeName') === 'ttl',
        ),
      ).toEqual([]);
    });
    it('outlives its stack except where the stage is ephemeral', () => {
      const stateful = /^AWS::(DynamoDB::Table|S3::Bucket|SecretsManager::Secret)$/;
      const wrong = app()
        .resources.filter(({ type }) => stateful.test(type))
        .filter(({ stage, deletionPolicy }) => deletionPolicy !== (stage === 'dev' ? 'Delete' : 'Retain'));
      expect(wrong.map(({ name }) => name)).toEqual([]);
    });
    it('can be recovered and not deleted by mistake, except where the stage is ephemeral', () => {
      expect(
        breaking('AWS::DynamoDB::Table', (table) => {
          const kept = table.stage !== 'dev';
          const recovers = property(table, 'PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled');
          return property(table, 'DeletionProtectionEnabled') === kept && recovers === kept;
        }),
      ).toEqual([]);
    });
  });

  describe('APIs', () => {
    it('have exactly the routes of the contract, and one for whatever is not declared', () => {
      const declared = [...controlRoutes.flatMap((route) => routeKeys(route)), '$default'].sort();
      const keys = ofType('AWS::ApiGatewayV2::Route')
        .filter(({ stack }) => stack === 'whatsapp-gateway-production-api')
        .map((route) => String(property(route, 'RouteKey')));
      expect(keys.sort()).toEqual(declared);
    });
    it('log each access and are throttled', () => {
      expect(
        breaking(
          'AWS::ApiGatewayV2::Stage',
          (stage) =>
            property(stage, 'AccessLogSettings.DestinationArn') !== undefined &&
            Number(property(stage, 'DefaultRouteSettings.ThrottlingRateLimit')) > 0,
        ),
      ).toEqual([]);
    });
  });

  describe('the network', () => {
    it('costs nothing while idle: no NAT gateway, no interface endpoint, no fixed address', () => {
      expect(ofType('AWS::EC2::NatGateway')).toEqual([]);
      expect(ofType('AWS::EC2::EIP')).toEqual([]);
      expect(
        breaking('AWS::EC2::VPCEndpoint', (end) => property(end, 'VpcEndpointType') === 'Gateway'),
      ).toEqual([]);
    });
    it('lets nobody in but the relay', () => {
      const open = ofType('AWS::EC2::SecurityGroup').filter((group) =>
        /CidrIp/.test(text(property(group, 'SecurityGroupIngress'))),
      );
      expect(open.map(({ name }) => name)).toEqual([]);
    });
  });

  describe('secrets', () => {
    it('are generated, and rotated by a schedule', () => {
      expect(
        breaking(
          'AWS::SecretsManager::Secret',
          (secret) => property(secret, 'GenerateSecretString') !== undefined,
        ),
      ).toEqual([]);
      const rotated = ofType('AWS::SecretsManager::RotationSchedule');
      expect(rotated).toHaveLength(ofType('AWS::SecretsManager::Secret').length);
    });
    it('are nowhere but in Secrets Manager: no environment names one by value', () => {
      const named = /(SECRET|TOKEN|PASSWORD|KEY)/;
      const wrong = ofType('AWS::Lambda::Function').flatMap((fn) =>
        Object.keys(Object(property(fn, 'Environment.Variables')))
          .filter((name) => named.test(name) && !name.endsWith('_ARN'))
          .map((name) => `${fn.name}: ${name}`),
      );
      expect(wrong).toEqual([]);
    });
  });

  describe('alarms', () => {
    it('say what is wrong and name a runbook that exists', () => {
      expect(
        breaking('AWS::CloudWatch::Alarm', (alarm) => {
          const page = /^(.{20,}) Runbook: (docs\/runbooks\/[a-z0-9-]+\.md)$/.exec(
            String(property(alarm, 'AlarmDescription')),
          );
          return page?.[2] !== undefined && existsSync(join(import.meta.dirname, '../..', page[2]));
        }),
      ).toEqual([]);
    });
    it('the rule that calls somebody, and errors that operators mend, are all pages there are, each in the tables', () => {
      const folder = join(import.meta.dirname, '../../docs/runbooks');
      const callers = [...ofType('AWS::CloudWatch::Alarm'), ...ofType('AWS::Events::Rule')];
      const named = callers.flatMap(({ properties }) =>
        [...text(properties).matchAll(/Runbook: docs\/runbooks\/([a-z0-9-]+\.md)/g)].map(([, page]) => page),
      );
      const pages = readdirSync(folder).filter((file) => file !== 'README.md');
      const errors = Object.values(ENDINGS).map(
        ({ errorCode }) => `${errorCode.toLowerCase().replaceAll('_', '-')}.md`,
      );
      const ofErrors = pages.filter((page) => errors.includes(page));
      expect(ofErrors).toContain('version-outdated.md');
      expect([...new Set(named), ...ofErrors].sort()).toEqual(pages.sort());
      const table = readFileSync(join(folder, 'README.md'), 'utf8');
      expect(pages.filter((page) => !table.includes(`](${page})`))).toEqual([]);
    });
    it('call somebody when they begin and when they end', () => {
      expect(
        breaking(
          'AWS::CloudWatch::Alarm',
          (alarm) =>
            property(alarm, 'AlarmActions') !== undefined && property(alarm, 'OKActions') !== undefined,
        ).filter((name) => !name.includes('worker-scaling')),
      ).toEqual([]);
    });
  });

  describe('workers', () => {
    it('run read-only, without root, on arm64, and are given time to hand over', () => {
      expect(
        breaking('AWS::ECS::TaskDefinition', (task) => {
          const container = text(property(task, 'ContainerDefinitions'));
          return (
            property(task, 'RuntimePlatform.CpuArchitecture') === 'ARM64' &&
            container.includes('"ReadonlyRootFilesystem":true') &&
            container.includes('"InitProcessEnabled":true') &&
            container.includes('"StopTimeout":60') &&
            container.includes('"HealthCheck"')
          );
        }),
      ).toEqual([]);
    });
    it('are rolled back when a deployment does not become healthy', () => {
      expect(
        breaking(
          'AWS::ECS::Service',
          (service) =>
            property(service, 'DeploymentConfiguration.DeploymentCircuitBreaker.Rollback') === true &&
            property(service, 'DeploymentConfiguration.MinimumHealthyPercent') === 100,
        ),
      ).toEqual([]);
    });
  });
}
