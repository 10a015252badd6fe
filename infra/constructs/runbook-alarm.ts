import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

export interface RunbookAlarmProps {
  /** Also the name of its page: `oldest-delivery` has docs/runbooks/oldest-delivery.md. */
  runbook: string;
  /** What is wrong, and for whom, in a sentence. */
  says: string;
  metric: IMetric;
  above: number;
  /** Consecutive periods of the metric that must be above the threshold. */
  forPeriods: number;
  /** Missing data is the failure itself: the reporter has stopped. */
  silenceIsFailure?: boolean;
  topic: ITopic;
}

/** An alarm that says what is wrong and which page says what to do. */
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
