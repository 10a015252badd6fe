import { MEASURED, perMessage, WRITES } from './measured.ts';

/** Operations of AWS that one thing costs. */
export interface Operations {
  httpRequests: number;
  websocketMessages: number;
  /** Seconds of functions, by the memory that stages give them. */
  functionS: number;
  dynamoWrites: number;
  dynamoReads: number;
  s3Puts: number;
  s3Gets: number;
  sqsRequests: number;
  /** Bytes of logs: access log, function log, platform lines. */
  logBytes: number;
}

const NOTHING: Operations = {
  httpRequests: 0,
  websocketMessages: 0,
  functionS: 0,
  dynamoWrites: 0,
  dynamoReads: 0,
  s3Puts: 0,
  s3Gets: 0,
  sqsRequests: 0,
  logBytes: 0,
};

/**
 * The cost of messages comes from measured counts (`measured.ts`; `docs/cost.md` shows them). Function
 * seconds are an estimate for warm functions, and so are bytes of logs.
 */
export const OPERATIONS = {
  /**
   * A message sent by API, acknowledged, delivered, read: one request and four reports, each status pushed to
   * one browser.
   */
  messageSent: {
    ...NOTHING,
    ...perMessage(MEASURED.sent),
    functionS: 1.2 + 4 * 0.06,
    s3Puts: WRITES.perSend,
    logBytes: 9_000,
  },
  /** A received message: one report, pushed to one browser and delivered to one webhook. */
  messageReceived: {
    ...NOTHING,
    ...perMessage(MEASURED.received),
    functionS: 0.06 + 0.3,
    s3Puts: WRITES.perReceive,
    logBytes: 5_000,
  },
  /** A worker's heartbeat every 10 s, which reads each of its sessions. */
  heartbeat: {
    ...NOTHING,
    httpRequests: 1,
    functionS: 0.03,
    dynamoWrites: 1,
    dynamoReads: 1,
    logBytes: 1_200,
  },
  /** One look of the supervisor at a table with nothing due: 15 queries at half a read each. */
  look: { ...NOTHING, dynamoReads: 8 },
  /** A sweep of deliveries that finds nothing: nine queries. */
  sweep: { ...NOTHING, dynamoReads: 4.5 },
  /** What one more idle session adds to each heartbeat. */
  heartbeatPerSession: { ...NOTHING, functionS: 0.0003, dynamoReads: 1 },
} as const satisfies Record<string, Operations>;
