/** US dollars, us-east-1, November 2026, without free tiers: `docs/cost.md` names the pages they come from. */
export const PRICES = {
  httpRequest: 1.0 / 1e6,
  websocketMessage: 1.0 / 1e6,
  websocketMinute: 0.25 / 1e6,
  lambdaRequest: 0.2 / 1e6,
  /** arm64. */
  lambdaGbSecond: 0.0000133334,
  lambdaProvisionedGbSecond: 0.0000033334,
  /** On demand, up to 1 KB. */
  dynamoWrite: 0.625 / 1e6,
  /** On demand, strongly consistent, up to 4 KB. */
  dynamoRead: 0.125 / 1e6,
  s3Put: 0.005 / 1e3,
  s3Get: 0.0004 / 1e3,
  sqsFifoRequest: 0.5 / 1e6,
  logGb: 0.5,
  xrayTrace: 5 / 1e6,
  /** For each metric of an alarm. */
  alarmMetricMonth: 0.1,
  customMetricMonth: 0.3,
  dashboardMonth: 3,
  secretMonth: 0.4,
  secretRead: 0.05 / 1e4,
  /** arm64. */
  fargateVcpuHour: 0.03238,
  fargateGbHour: 0.00356,
  /** Per task: each has a public address. */
  publicIpv4Hour: 0.005,
  /** Relative to on-demand prices; Spot prices vary. */
  spotDiscount: 0.7,
} as const;

export const HOURS_A_MONTH = 730;
export const SECONDS_A_MONTH = HOURS_A_MONTH * 3_600;
