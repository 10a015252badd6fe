import { AppError } from '../../shared/errors/app-error.ts';
import type { CreateWorkerSession } from '../../shared/workers/api/schema.ts';
import { countSessions } from '../../shared/workers/heartbeat.ts';
import type { SessionRegistry } from '../sessions/ports.ts';
import { conversationHandlers } from './conversation-handlers.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Load } from './load-meter.ts';
import type { Metrics } from './metrics.ts';
import { toSendReply, type WorkerHandlers, type WorkerRoute } from './reply.ts';

export interface WorkerInfo {
  workerId: string;
  version: string;
  environment: string;
  capabilities: readonly string[];
  baileysVersion: string;
}

export interface HandlerDeps {
  registry: SessionRegistry;
  lifecycle: Lifecycle;
  metrics: Metrics;
  readLoad: () => Load;
  info: WorkerInfo;
}

type Of<Ids extends WorkerRoute['id']> = Pick<WorkerHandlers, Ids>;

function observationHandlers(
  deps: HandlerDeps,
): Of<'workerHealth' | 'workerInfo' | 'workerLive' | 'workerReady' | 'workerMetrics'> {
  const { registry, lifecycle, info } = deps;
  return {
    workerHealth: async () => {
      const sessionBreakdown = countSessions(registry.list().map(({ status }) => status));
      return {
        data: {
          status: lifecycle.ready ? 'online' : 'draining',
          sessionCount: sessionBreakdown.total,
          ...deps.readLoad(),
          uptime: Math.round(process.uptime()),
          maxSessions: registry.maxSessions,
          availableSlots: Math.max(0, registry.maxSessions - sessionBreakdown.total),
          sessionBreakdown,
        },
      };
    },
    workerInfo: async () => ({
      data: {
        workerId: info.workerId,
        version: info.version,
        environment: info.environment.toLowerCase(),
        capabilities: [...info.capabilities],
        baileys_version: info.baileysVersion,
      },
    }),
    workerLive: async () => ({ data: { status: 'ok' } }),
    workerReady: async () => {
      if (!lifecycle.ready) throw new AppError('SHUTTING_DOWN', 'This worker takes no more sessions.');
      return { data: { status: 'ok' } };
    },
    workerMetrics: async () => ({ raw: await deps.metrics.render() }),
  };
}

function sessionHandlers({
  registry,
  lifecycle,
}: HandlerDeps): Omit<
  WorkerHandlers,
  keyof ReturnType<typeof observationHandlers> | keyof ReturnType<typeof conversationHandlers>
> {
  /** The order is void from now on as well. A session that is already here stays until it is moved. */
  const refuseNew = ({ sessionId, ...order }: CreateWorkerSession) => {
    if (!lifecycle.ready && registry.decline(sessionId, order)) throw noMore();
  };
  return {
    workerCreateSession: async ({ body }) => {
      if (!lifecycle.ready) throw noMore();
      return { status: 201, data: await registry.create(body), message: 'Session created successfully' };
    },
    workerStartSession: async ({ body }) => {
      refuseNew(body);
      return { data: await registry.start(body) };
    },
    workerConnectSession: async ({ params, body }) => ({
      data: await registry.connect(params.sessionId, body),
    }),
    workerPairingCode: async ({ params, body: { phoneNumber, ...ownership } }) => ({
      data: await registry.pairingCode(params.sessionId, ownership, phoneNumber),
    }),
    workerConfigureSession: async ({ params, body: { epoch, settings } }) => ({
      data: await registry.configure(params.sessionId, epoch, settings),
    }),
    workerSessionStatus: async ({ params }) => ({ data: await registry.status(params.sessionId) }),
    workerDisconnectSession: async ({ params, body }) => ({
      data: await registry.disconnect(params.sessionId, body),
      message: 'Session disconnected',
    }),
    workerReleaseSession: async ({ params, body }) => ({
      data: await registry.release(params.sessionId, body),
      message: 'Session released',
    }),
    workerLogoutSession: async ({ params, body }) => ({
      data: await registry.logout(params.sessionId, body),
      message: 'Session logged out successfully',
    }),
    workerRestartSession: async ({ params, body }) => ({
      data: await registry.restart(params.sessionId, body),
    }),
    workerDeleteSession: async ({ params, body }) => {
      await registry.remove(params.sessionId, body);
      return { data: { sessionId: params.sessionId }, message: 'Session deleted successfully' };
    },
    workerSend: async ({ params, body }) => toSendReply(await registry.send(params.sessionId, body)),
    workerListMessages: async ({ params, query: { firstEpoch, ...query } }) => ({
      data: await registry.messages(params.sessionId, query, firstEpoch),
    }),
    workerGetMessage: async ({ params, query }) => ({
      data: await registry.message(params.sessionId, params.messageId, query.firstEpoch),
    }),
    workerSendGeneric: async ({ body }) => toSendReply(await registry.send(body.sessionId, body)),
  };
}

const noMore = () => new AppError('SHUTTING_DOWN', 'This worker takes no more sessions; use another.');

export function createHandlers(deps: HandlerDeps): WorkerHandlers {
  return { ...observationHandlers(deps), ...sessionHandlers(deps), ...conversationHandlers(deps) };
}
