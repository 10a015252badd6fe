import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { StageSettings } from '../stages.ts';

const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

/**
 * A secret with three values, `{ next, current, previous }`, generated here. `current` is used, all are
 * accepted; the others are empty before the first rotation (`functions/rotation/rotate-token.ts` says why
 * there are three).
 */
export class TokenSecret extends Construct {
  readonly secret: Secret;

  constructor(scope: Construct, id: string, props: { description: string; settings: StageSettings }) {
    super(scope, id);
    this.secret = new Secret(this, 'Secret', {
      description: props.description,
      generateSecretString: {
        // Set from the start, because ECS starts no task when a key is missing.
        secretStringTemplate: '{"next":"","previous":""}',
        generateStringKey: 'current',
        passwordLength: 64,
        // Spelt out instead of `excludePunctuation`, which emulators do not read.
        excludeCharacters: PUNCTUATION,
      },
      removalPolicy: props.settings.ephemeral ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    });
    Validations.of(this.secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'Rotated by the upkeep stack, which the rule does not see: it looks for a schedule in this stack.',
    });
  }

  grantRead(grantee: IGrantable): void {
    Grant.addToPrincipal({
      grantee,
      actions: ['secretsmanager:GetSecretValue'],
      resourceArns: [this.secret.secretArn],
    });
  }

  /** The rights that rotation needs, and nothing else of Secrets Manager. */
  grantRotate(grantee: IGrantable): void {
    Grant.addToPrincipal({
      grantee,
      actions: [
        'secretsmanager:DescribeSecret',
        'secretsmanager:GetSecretValue',
        'secretsmanager:PutSecretValue',
        'secretsmanager:UpdateSecretVersionStage',
      ],
      resourceArns: [this.secret.secretArn],
    });
  }
}
