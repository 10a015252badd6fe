import { CfnResource, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { StageSettings } from '../stages.ts';

/** What a function or a task may do with objects. `list` limits listing to the same prefixes. */
export interface ObjectRight {
  actions: readonly ('s3:GetObject' | 's3:PutObject' | 's3:DeleteObject' | 's3:PutObjectTagging')[];
  prefixes: readonly ('sessions/' | 'media/' | 'temp/' | 'workers/')[];
  list?: boolean;
}

const EMPTIER = 'Custom::S3AutoDeleteObjectsCustomResourceProvider';

/** MiniStack's functions lack the S3 client that CDK's emptier needs, so scripts empty the bucket there. */
const emptiesItself = ({ ephemeral, emulatorUrl }: StageSettings) => ephemeral && emulatorUrl === undefined;

/**
 * Gives CDK's function that empties the bucket of an ephemeral stage the properties of all our functions, and
 * a log that is destroyed with the stage.
 */
function tameEmptier(scope: Construct, settings: StageSettings): void {
  const handler = Stack.of(scope).node.findChild(EMPTIER).node.findChild('Handler');
  if (!CfnResource.isCfnResource(handler)) throw new Error('CDK makes the emptier in another way now');
  const logGroup = new LogGroup(scope, 'EmptierLogs', {
    retention: settings.logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  handler.addPropertyOverride('Architectures', ['arm64']);
  handler.addPropertyOverride('Runtime', 'nodejs24.x');
  handler.addPropertyOverride('TracingConfig', { Mode: 'Active' });
  handler.addPropertyOverride('LoggingConfig', { LogGroup: logGroup.logGroupName });
}

/** Auth journals, history and media: private, encrypted, TLS only; temporary objects expire. */
export class ObjectBucket extends Construct {
  readonly bucket: Bucket;
  readonly variables: { S3_BUCKET: string };

  constructor(scope: Construct, id: string, settings: StageSettings) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: settings.ephemeral ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
      autoDeleteObjects: emptiesItself(settings),
      lifecycleRules: [
        { id: 'temp', prefix: 'temp/', expiration: Duration.days(1) },
        { id: 'leases', prefix: 'workers/', expiration: Duration.days(7) },
        { id: 'superseded-epochs', tagFilters: { superseded: 'true' }, expiration: Duration.days(7) },
        { id: 'broken-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
    if (emptiesItself(settings)) tameEmptier(this, settings);
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'One log line per object would cost as much as the objects: a session writes several a minute. Who may ' +
        'read them is bounded by prefix, and data events of CloudTrail can be switched on for an investigation.',
    });
    this.variables = { S3_BUCKET: this.bucket.bucketName };
  }

  grant(grantee: IGrantable, right: ObjectRight): void {
    Grant.addToPrincipal({
      grantee,
      actions: [...right.actions],
      resourceArns: right.prefixes.map((prefix) => this.bucket.arnForObjects(`${prefix}*`)),
    });
    if (right.list !== true) return;
    Grant.addToPrincipal({
      grantee,
      actions: ['s3:ListBucket'],
      resourceArns: [this.bucket.bucketArn],
      conditions: { StringLike: { 's3:prefix': right.prefixes.map((prefix) => `${prefix}*`) } },
    });
  }
}
