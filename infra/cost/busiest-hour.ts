import { OPERATIONS } from './operations.ts';

/** Messages each way of a busy session. */
const MESSAGES_A_DAY = 500;
/** Share of a day's messages in its busiest hour. */
const SHARE_OF_BUSIEST_HOUR = 0.1;
const HEARTBEAT_S = 10;
/** From the targets in `infra/stages.ts`, rounded: a full task. */
const SESSIONS_PER_WORKER = 100;

export interface Load {
  /** Requests to the HTTP API: tenants' calls, workers' reports and heartbeats. */
  requestsPerS: number;
  /** Concurrent executions of functions. */
  executions: number;
  /** Objects written to the bucket. */
  putsPerS: number;
  /** Calls to tenants' webhooks, one for each received message. */
  deliveriesPerS: number;
  logBytesPerS: number;
}

/** The load of this many busy sessions in the busiest hour of their day. */
export function busiestHour(sessions: number): Load {
  const eachWayPerS = (sessions * MESSAGES_A_DAY * SHARE_OF_BUSIEST_HOUR) / 3_600;
  const heartbeatsPerS = sessions / SESSIONS_PER_WORKER / HEARTBEAT_S;
  const { messageSent, messageReceived } = OPERATIONS;
  const both = (what: 'httpRequests' | 'functionS' | 's3Puts' | 'logBytes') =>
    eachWayPerS * (messageSent[what] + messageReceived[what]);
  return {
    requestsPerS: both('httpRequests') + heartbeatsPerS,
    executions: both('functionS'),
    putsPerS: both('s3Puts'),
    deliveriesPerS: eachWayPerS,
    logBytesPerS: both('logBytes'),
  };
}

/** More digits would claim more than is known. */
const rounded = (amount: number) => Number(amount.toPrecision(2)).toLocaleString('en');

/** The same in the words of `docs/scaling.md`. */
export function scalingFacts(): string[] {
  const most = busiestHour(100_000);
  return [
    ...[10, 1_000, 100_000].map((sessions) => {
      const counts = [sessions, Math.ceil(sessions / SESSIONS_PER_WORKER)].map((each) =>
        each.toLocaleString('en'),
      );
      return `| ${[...counts, rounded(busiestHour(sessions).requestsPerS)].join(' | ')} |`;
    }),
    `${rounded(most.executions)} executions at once`,
    `${rounded(most.putsPerS)} PUTs/s`,
    `${rounded(most.deliveriesPerS)} deliveries/s`,
    `${rounded(most.logBytesPerS / 1e6)} MB/s`,
  ];
}
