import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import {
  DeduplicationScope,
  FifoThroughputLimit,
  Queue,
  QueueEncryption,
  type QueueProps,
} from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/** Longer than any consumer runs, by the factor that AWS recommends. */
export const VISIBILITY = Duration.minutes(6);

const FIFO: QueueProps = {
  fifo: true,
  // Order is kept within a group, so throughput is counted by group as well: no queue-wide 300 calls a second.
  deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
  fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
  encryption: QueueEncryption.SQS_MANAGED,
  enforceSSL: true,
  removalPolicy: RemovalPolicy.DESTROY,
  retentionPeriod: Duration.days(14),
};

function grantSend(queue: Queue, grantee: IGrantable): void {
  Grant.addToPrincipal({ grantee, actions: ['sqs:SendMessage'], resourceArns: [queue.queueArn] });
}

/**
 * By the pauses between them, which consumers double up to a quarter of an hour, three quarters of an hour: storage that is away
 * for less loses nothing to the dead letters.
 */
const MAX_RECEIVES = 12;

/** A FIFO queue, and one of dead letters for what its consumers fail over again and again. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.deadLetters = new Queue(this, 'DeadLetters', FIFO);
    this.queue = new Queue(this, 'Queue', {
      ...FIFO,
      visibilityTimeout: VISIBILITY,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVES },
    });
  }

  grantSend(grantee: IGrantable): void {
    grantSend(this.queue, grantee);
  }
}

/** What a consumer has given up on purpose, for whoever wants to look: nothing consumes it. */
export class GivenUpQueue extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.queue = new Queue(this, 'Queue', FIFO);
    Validations.of(this.queue).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'Nothing consumes this queue, so nothing in it can fail: it is the end of the way itself.',
    });
  }

  grantSend(grantee: IGrantable): void {
    grantSend(this.queue, grantee);
  }
}
