import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

export interface RunbookAlarmProps {
  /** Named as its page in docs/runbooks: `oldest-delivery` has docs/runbooks/oldest-delivery.md. */
  runbook: string;
  /** What is wrong for whom, in a sentence. */
  says: string;
  metric: IMetric;
  above: number;
  /** Periods of the metric, of which all must be above. */
  forPeriods: number;
  /** Silence is the failure itself: whoever should report does not. */
  silenceIsFailure?: boolean;
  topic: ITopic;
}

/** An alarm that says what is wrong and where it is written what to do. */
export function addRunbookAlarm(scope: Construct, props: RunbookAlarmProps): Alarm {
  const alarm = new Alarm(scope, props.runbook, {
    alarmDescription: `${props.says} Runbook: docs/runbooks/${props.runbook}.md`,
    metric: props.metric,
    threshold: props.above,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: props.forPeriods,
    treatMissingData:
      props.silenceIsFailure === true ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
  });
  const action = new SnsAction(props.topic);
  alarm.addAlarmAction(action);
  alarm.addOkAction(action);
  return alarm;
}
