import { FLEET_METRICS } from '../../functions/workers/supervision/fleet-metrics.ts';
import type { StageSettings } from '../stages.ts';
import { OPERATIONS, type Operations } from './operations.ts';
import { HOURS_A_MONTH, PRICES, SECONDS_A_MONTH } from './prices.ts';

/** How many resources of a stage cost something at rest, counted in its templates. */
export interface AtRest {
  /** Metrics behind alarms: an alarm over metric math is charged for each of its metrics. */
  alarmMetrics: number;
  dashboards: number;
  secrets: number;
}

const HEARTBEAT_S = 10;
const CUSTOM_METRICS = Object.keys(FLEET_METRICS).length;
/** Target tracking makes two alarms of its own. */
const SCALING_ALARM_METRICS = 2;
/** The supervisor and the sweep of deliveries, each minute. */
const SWEEP_S = 0.1;
const SUPERVISOR_MEMORY_GB = 0.25;
/** Lambda's pollers wait at both queues, five at a time for 20 s each: an estimate. */
const POLLS_A_MINUTE = 2 * 5 * 3;
/** Seconds between two looks of the supervisor within a minute. */
const LOOK_S = 5;
/** Share of frequent invocations that is traced; the first of each second is traced as well. */
const TRACED_SHARE = 0.05;
/** Warm functions read their secrets every five minutes; at rest only the supervisor is warm. */
const SECRET_READS_A_MINUTE = 1 / 5;

const gb = ({ functionMemoryMiB }: StageSettings) => functionMemoryMiB / 1_024;

/** US dollars for these operations. */
export function costOf(operations: Operations, settings: StageSettings): number {
  return (
    operations.httpRequests * (PRICES.httpRequest + PRICES.lambdaRequest + TRACED_SHARE * PRICES.xrayTrace) +
    operations.websocketMessages * PRICES.websocketMessage +
    operations.functionS * gb(settings) * PRICES.lambdaGbSecond +
    operations.dynamoWrites * PRICES.dynamoWrite +
    operations.dynamoReads * PRICES.dynamoRead +
    operations.s3Puts * PRICES.s3Put +
    operations.s3Gets * PRICES.s3Get +
    operations.sqsRequests * PRICES.sqsFifoRequest +
    (operations.logBytes / 1e9) * PRICES.logGb
  );
}

/** A month without a single session and with no worker running. */
export function monthAtRest(atRest: AtRest, settings: StageSettings): number {
  const minutes = SECONDS_A_MONTH / 60;
  const { loopS } = settings.supervisor;
  const supervisorS = Math.max(SWEEP_S, loopS);
  const looks = 1 + Math.floor(loopS / LOOK_S);
  const provisioned = Object.values(settings.provisionedConcurrency).reduce((sum, each) => sum + each, 0);
  return (
    (atRest.alarmMetrics + SCALING_ALARM_METRICS) * PRICES.alarmMetricMonth +
    atRest.dashboards * PRICES.dashboardMonth +
    atRest.secrets * PRICES.secretMonth +
    CUSTOM_METRICS * PRICES.customMetricMonth +
    minutes * 2 * (PRICES.lambdaRequest + PRICES.xrayTrace) +
    minutes * looks * costOf(OPERATIONS.look, settings) +
    minutes * costOf(OPERATIONS.sweep, settings) +
    minutes * POLLS_A_MINUTE * PRICES.sqsFifoRequest +
    minutes * SECRET_READS_A_MINUTE * PRICES.secretRead +
    minutes * (supervisorS * SUPERVISOR_MEMORY_GB + SWEEP_S * gb(settings)) * PRICES.lambdaGbSecond +
    provisioned * gb(settings) * SECONDS_A_MONTH * PRICES.lambdaProvisionedGbSecond
  );
}

/** A month of one worker: its task, its address, its heartbeats. */
export function monthOfWorker(settings: StageSettings): number {
  const { cpu, memoryMiB, spotWeight } = settings.workers;
  const task = (cpu / 1_024) * PRICES.fargateVcpuHour + (memoryMiB / 1_024) * PRICES.fargateGbHour;
  const spot = settings.workers.onDemandBase > 0 || spotWeight === 0 ? 1 : 1 - PRICES.spotDiscount / 2;
  const beats = SECONDS_A_MONTH / HEARTBEAT_S;
  return (
    (task * spot + PRICES.publicIpv4Hour) * HOURS_A_MONTH + beats * costOf(OPERATIONS.heartbeat, settings)
  );
}

/** What one idle session adds to a month, without its share of a worker. */
export function monthOfIdleSession(settings: StageSettings): number {
  return (SECONDS_A_MONTH / HEARTBEAT_S) * costOf(OPERATIONS.heartbeatPerSession, settings);
}

/** A month of one browser that stays connected. */
export const MONTH_OF_CONNECTION = (SECONDS_A_MONTH / 60) * PRICES.websocketMinute;

/** A month of this many sessions that each send and receive this many messages a day. */
export function monthOf(
  sessions: number,
  messagesADay: number,
  atRest: AtRest,
  settings: StageSettings,
): number {
  const { maxSessionsPerTask, minTasks, targetSlotUse } = settings.workers;
  const tasks = Math.max(minTasks, Math.ceil(sessions / (maxSessionsPerTask * (targetSlotUse / 100))));
  const days = SECONDS_A_MONTH / 86_400;
  const message = costOf(OPERATIONS.messageSent, settings) + costOf(OPERATIONS.messageReceived, settings);
  return (
    monthAtRest(atRest, settings) +
    tasks * monthOfWorker(settings) +
    sessions * (monthOfIdleSession(settings) + days * messagesADay * message)
  );
}
