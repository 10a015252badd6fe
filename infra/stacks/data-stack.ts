import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { GatewayTable } from '../constructs/gateway-table.ts';
import { ObjectBucket } from '../constructs/object-bucket.ts';
import { TokenSecret } from '../constructs/token-secret.ts';
import { WorkQueue } from '../constructs/work-queue.ts';
import type { StageSettings } from '../stages.ts';

/** Everything that outlives a deployment. */
export class DataStack extends Stack {
  readonly table: GatewayTable;
  readonly objects: ObjectBucket;
  readonly deliveries: WorkQueue;
  readonly outbox: WorkQueue;
  readonly jwtSecret: TokenSecret;
  readonly workerTokens: TokenSecret;

  constructor(scope: Construct, id: string, props: StackProps & { settings: StageSettings }) {
    super(scope, id, props);
    const { settings } = props;
    this.table = new GatewayTable(this, 'Data', settings);
    this.objects = new ObjectBucket(this, 'Objects', settings);
    // A failed delivery gets an item with a due time of its own, so attempts of the queue cover crashes only.
    this.deliveries = new WorkQueue(this, 'Deliveries', { maxAttempts: 5 });
    this.outbox = new WorkQueue(this, 'Outbox', { maxAttempts: 5 });
    this.jwtSecret = new TokenSecret(this, 'JwtKey', { description: 'Signs the logins of users', settings });
    this.workerTokens = new TokenSecret(this, 'WorkerTokens', {
      description: 'Shown by workers to the control plane and by the control plane to workers',
      settings,
    });
    // For functions/accounts/create-admin.ts, which makes an administrator.
    new CfnOutput(this, 'TableName', { value: this.table.table.tableName });
    // For workers outside AWS: the bucket, and where to read the token.
    new CfnOutput(this, 'BucketName', { value: this.objects.bucket.bucketName });
    new CfnOutput(this, 'WorkerTokensSecret', { value: this.workerTokens.secret.secretArn });
  }
}
