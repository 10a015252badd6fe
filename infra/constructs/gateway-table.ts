import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { TABLE_DEFINITION } from '../../shared/table/table-definition.ts';
import type { StageSettings } from '../stages.ts';

const READ = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];
const WRITE = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'];

const key = (name: string) => ({ name, type: AttributeType.STRING });

/** The gateway's one table. Nobody is granted scans, transactions or table administration. */
export class GatewayTable extends Construct {
  readonly table: Table;
  readonly variables: { TABLE_NAME: string };

  constructor(scope: Construct, id: string, settings: StageSettings) {
    super(scope, id);
    this.table = new Table(this, 'Table', {
      partitionKey: key(TABLE_DEFINITION.partitionKey),
      sortKey: key(TABLE_DEFINITION.sortKey),
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: TABLE_DEFINITION.ttlAttribute,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: !settings.ephemeral },
      deletionProtection: !settings.ephemeral,
      removalPolicy: settings.ephemeral ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    });
    if (settings.ephemeral)
      Validations.of(this.table).acknowledge({
        id: 'AwsSolutions-DDB3',
        reason: 'The data of an ephemeral stage is worth nothing after it.',
      });
    for (const { name, partitionKey, sortKey, projection } of TABLE_DEFINITION.indexes)
      this.table.addGlobalSecondaryIndex({
        indexName: name,
        partitionKey: key(partitionKey),
        sortKey: key(sortKey),
        projectionType: ProjectionType[projection],
      });
    this.variables = { TABLE_NAME: this.table.tableName };
  }

  grant(grantee: IGrantable, right: 'read' | 'write'): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions: right === 'read' ? READ : [...READ, ...WRITE],
      resourceArns: [
        this.table.tableArn,
        ...TABLE_DEFINITION.indexes.map(({ name }) => `${this.table.tableArn}/index/${name}`),
      ],
    });
  }
}
