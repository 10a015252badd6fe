import type { Group } from '../shared/contract/route.ts';

export type StageName = 'dev' | 'staging' | 'production';

/** The functions that no route leads to. */
export type BackgroundFunctionName = 'realtime' | 'supervisor' | 'delivery' | 'outbox';
export type FunctionName = Group | BackgroundFunctionName;

export interface CustomDomain {
  /** `api.example.com`; the WebSocket API answers on `websocketName`. */
  apiName: string;
  websocketName: string;
  /** A certificate in the stage's region that covers both names. */
  certificateArn: string;
}

export interface WorkerFleet {
  /** Fargate CPU units and the memory that goes with them. */
  cpu: number;
  memoryMiB: number;
  maxSessionsPerTask: number;
  minTasks: number;
  maxTasks: number;
  /** Tasks that never run on Spot; the rest is split by `spotWeight` to 1. */
  onDemandBase: number;
  spotWeight: number;
  /** Percent of session capacity that scaling aims to have in use. */
  targetSlotUse: number;
  /** An existing image; where absent, `worker/Dockerfile` is built and deployed with the stage. */
  image?: string;
}

/** All differences between stages; nothing else in `infra/` asks for a stage's name. */
export interface StageSettings {
  name: StageName;
  environment: 'DEVELOPMENT' | 'TESTING' | 'STAGING' | 'PRODUCTION';
  /** What workers dial: WhatsApp itself, or a sandbox. */
  network: 'live' | 'sandbox';
  /** The stage runs in an emulator at this address: URLs are the emulator's, and workers run beside it. */
  emulatorUrl?: string;
  /** Data is destroyed with the stage. Otherwise data is kept, with recovery points. */
  ephemeral: boolean;
  logRetentionDays: 7 | 30 | 90;
  logLevel: 'debug' | 'info';
  /** Origins of browsers that may call the HTTP API. */
  corsOrigins: readonly string[];
  /** Requests a second, over all tenants, and the burst above it. */
  throttle: { ratePerS: number; burst: number };
  functionMemoryMiB: number;
  /** Concurrent executions, reserved and at most, per function. */
  reservedConcurrency: Partial<Record<FunctionName, number>>;
  /** Executions kept warm, paid by the hour. */
  provisionedConcurrency: Partial<Record<FunctionName, number>>;
  supervisor: {
    /** Seconds of each minute for which the supervisor keeps looking; 0 is one look a minute. */
    loopS: number;
  };
  workers: WorkerFleet;
  /** Days between new worker tokens; every worker restarts within half of it. */
  secretRotationDays: number;
  /** Where alarms go; subscribed by hand where absent. */
  alarmEmail?: string;
  /** Where mails to tenants come from: its domain is verified in SES. Without one they are only logged. */
  mailSender?: string;
  domain?: CustomDomain;
}

const dev: StageSettings = {
  name: 'dev',
  environment: 'DEVELOPMENT',
  network: 'live',
  ephemeral: true,
  logRetentionDays: 7,
  logLevel: 'debug',
  corsOrigins: ['*'],
  throttle: { ratePerS: 50, burst: 100 },
  functionMemoryMiB: 512,
  reservedConcurrency: {},
  provisionedConcurrency: {},
  supervisor: { loopS: 0 },
  workers: {
    cpu: 256,
    memoryMiB: 1024,
    maxSessionsPerTask: 10,
    minTasks: 1,
    maxTasks: 2,
    onDemandBase: 0,
    spotWeight: 1,
    targetSlotUse: 80,
  },
  secretRotationDays: 30,
};

const staging: StageSettings = {
  ...dev,
  name: 'staging',
  environment: 'STAGING',
  ephemeral: false,
  logRetentionDays: 30,
  logLevel: 'info',
  corsOrigins: ['https://staging.example.com'],
  mailSender: 'gateway@staging.example.com',
  supervisor: { loopS: 55 },
  workers: { ...dev.workers, cpu: 512, memoryMiB: 2048, maxSessionsPerTask: 50, minTasks: 1, maxTasks: 4 },
};

const production: StageSettings = {
  ...staging,
  name: 'production',
  environment: 'PRODUCTION',
  logRetentionDays: 90,
  corsOrigins: ['https://app.example.com'],
  mailSender: 'gateway@example.com',
  throttle: { ratePerS: 2_000, burst: 4_000 },
  // Password hashing is the one dear thing a stranger can ask for; this bounds what it may cost.
  reservedConcurrency: { auth: 20 },
  // A QR code lives 20 s; its first hop must not wait for a cold start.
  provisionedConcurrency: { callbacks: 1 },
  workers: {
    cpu: 1024,
    memoryMiB: 4096,
    maxSessionsPerTask: 100,
    minTasks: 2,
    maxTasks: 50,
    onDemandBase: 2,
    spotWeight: 0,
    targetSlotUse: 70,
  },
};

export const STAGES: Readonly<Record<StageName, StageSettings>> = { dev, staging, production };

/**
 * A stage as an emulator (LocalStack, MiniStack) runs it: the same stacks, other addresses. Its service begins with
 * no task and names an image, since workers stand beside the emulator. Mails leave, for the emulator's SES: under
 * DEVELOPMENT, what they say is logged instead.
 */
export function emulated(settings: StageSettings, emulatorUrl: string): StageSettings {
  return {
    ...settings,
    emulatorUrl: emulatorUrl.replace(/\/+$/, ''),
    environment: 'TESTING',
    network: 'sandbox',
    mailSender: 'gateway@example.com',
    workers: { ...settings.workers, minTasks: 0, image: 'whatsapp-gateway-worker' },
  };
}
