import type { Logger } from 'pino';
import type { Environment, RegistrationAnswer } from '../../shared/workers/schema.ts';
import type { Lifecycle } from '../http/lifecycle.ts';
import type { Load } from '../http/load-meter.ts';
import type { SessionRegistry } from '../sessions/ports.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { Clock } from './clock.ts';
import type { ControlClient } from './control-client.ts';
import type { ConvergeQueue } from './converge-queue.ts';
import type { Lease } from './lease.ts';

/** What the worker's place in the control plane is kept with. */
export interface MembershipDeps {
  client: Pick<ControlClient, 'registerWorker' | 'heartbeatWorker' | 'reportRecovery'>;
  registry: Pick<SessionRegistry, 'maxSessions' | 'list' | 'fence'>;
  queue: ConvergeQueue;
  lease: Lease;
  /** Where the lease is extended while heartbeats fail; undefined: nowhere. */
  bucket?: LeaseBucket | undefined;
  lifecycle: Lifecycle;
  identity: {
    workerId: string;
    endpoint: string;
    version: string;
    environment: Environment;
    capabilities: readonly string[];
    /** ECS ends this task only once it is empty. */
    protectsTask?: boolean;
  };
  readLoad: () => Load;
  clock: Clock;
  logger: Logger;
  random: () => number;
  newBootId?: () => string;
  /** Nothing would ever renew the lease again: the process should end and be started anew. */
  onBroken: () => void;
  onRegistered?: (answer: RegistrationAnswer) => void;
  onRefreshVersion?: () => void;
}

/** The bucket that the control plane's supervisor reads too. */
export interface LeaseBucket {
  name: string;
  store: Pick<ObjectStore, 'put'>;
}
