import type { IncomingMessage } from 'node:http';
export interface ServiceAnswer {
  status: number;
  headers: IncomingMessage['headers'];
  text: string;
}

/** Refusals that pass by themselves, under the names that DynamoDB, SQS, Lambda and the others use. */
const THROTTLED = new Set([
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'ThrottlingException',
  'TooManyRequestsException',
]);

function typeIn(body: string): unknown {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null && '__type' in parsed ? parsed.__type : undefined;
  } catch {
    return undefined;
  }
}

/** `com.amazonaws.dynamodb.v20120810#ThrottlingException:http://…` is `ThrottlingException`. */
function nameOf({ status, headers, text }: ServiceAnswer): string {
  const type = headers['x-amzn-errortype'] ?? typeIn(text);
  const name = typeof type === 'string' ? type.split(':')[0]?.split('#').at(-1) : undefined;
  return name === undefined || name === '' ? `Http${status}` : name;
}

/** A call of AWS that failed. Its message repeats nothing of the answer, which may repeat the request. */
export class AwsFailure extends Error {
  /** Worth another attempt, now or later. */
  readonly transient: boolean;
  /** Undefined where no answer came. */
  readonly status: number | undefined;

  private constructor(name: string, status: number | undefined, transient: boolean, cause?: unknown) {
    super(status === undefined ? 'AWS did not answer' : `AWS answered ${status} ${name}`, { cause });
    this.name = name;
    this.status = status;
    this.transient = transient;
  }

  static answered(answer: ServiceAnswer): AwsFailure {
    const name = nameOf(answer);
    const transient = answer.status >= 500 || answer.status === 429 || THROTTLED.has(name);
    return new AwsFailure(name, answer.status, transient);
  }

  static unanswered(thrown: unknown): AwsFailure {
    return new AwsFailure('NoAnswer', undefined, true, thrown);
  }
}
