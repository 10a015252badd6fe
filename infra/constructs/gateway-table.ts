import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { StageSettings } from '../stages.ts';

const READ = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];
const WRITE = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'];

/** The one table. Scans, transactions and table administration are granted to nobody. */
export class GatewayTable extends Construct {
  readonly table: Table;
  readonly variables: { TABLE_NAME: string };

  constructor(scope: Construct, id: string, settings: StageSettings) {
    super(scope, id);
    this.table = new Table(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'ttl',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: !settings.ephemeral },
      deletionProtection: !settings.ephemeral,
      removalPolicy: settings.ephemeral ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    });
    if (settings.ephemeral)
      Validations.of(this.table).acknowledge({
        id: 'AwsSolutions-DDB3',
        reason: 'The data of an ephemeral stage is worth nothing after it.',
      });
    this.table.addGlobalSecondaryIndex({
      indexName: 'gsi1',
      partitionKey: { name: 'gsi1pk', type: AttributeType.STRING },
      sortKey: { name: 'gsi1sk', type: AttributeType.STRING },
    });
    this.variables = { TABLE_NAME: this.table.tableName };
  }

  grant(grantee: IGrantable, right: 'read' | 'write'): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions: right === 'read' ? READ : [...READ, ...WRITE],
      resourceArns: [this.table.tableArn, `${this.table.tableArn}/index/gsi1`],
    });
  }
}
