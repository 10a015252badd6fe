import { isIP } from 'node:net';
import { hostname } from 'node:os';
import * as z from 'zod';
import { normalizeSlug } from '../../shared/text/slug.ts';
import type { WorkerEnv } from '../env.ts';

/** The part of an ECS task's metadata (endpoint version 4) that names the task and its private address. */
const TaskMetadata = z.object({
  TaskARN: z.string(),
  Containers: z.array(z.object({ Networks: z.array(z.object({ IPv4Addresses: z.array(z.string()) })) })),
});
type TaskMetadata = z.infer<typeof TaskMetadata>;

const METADATA_TIMEOUT_MS = 5000;

async function readTask(metadataUrl: string): Promise<TaskMetadata> {
  const response = await fetch(`${metadataUrl}/task`, { signal: AbortSignal.timeout(METADATA_TIMEOUT_MS) });
  return TaskMetadata.parse(await response.json());
}

/** Who this worker is and where it is reached, as far as that is known before it listens. */
export interface WorkerIdentity {
  workerId: string;
  /** The address to listen on. */
  host: string;
  /** Takes the port in use and answers where the control plane finds us. */
  endpointAt: (port: number) => string;
}

const isLoopback = (endpoint: string) => /^(127\.|localhost$|\[::1\]$)/.test(new URL(endpoint).hostname);

/** Derives what the environment leaves open, from the ECS task where there is one, else from the host. */
export function deriveIdentity(env: WorkerEnv, task: TaskMetadata | undefined): WorkerIdentity {
  const taskAddress = task?.Containers.flatMap(({ Networks }) => Networks).flatMap(
    ({ IPv4Addresses }) => IPv4Addresses,
  )[0];
  const taskId = task?.TaskARN.split('/').at(-1);
  const outward = taskAddress !== undefined || (env.endpoint !== undefined && !isLoopback(env.endpoint));
  const host = env.host ?? (outward ? '0.0.0.0' : '127.0.0.1');
  const anyAddress = host === '0.0.0.0' || host === '::';
  const ownAddress = taskAddress ?? (anyAddress ? '127.0.0.1' : host);
  return {
    workerId: env.workerId ?? (normalizeSlug(taskId ?? hostname()) || 'worker'),
    host,
    endpointAt: (port) =>
      env.endpoint ?? `http://${isIP(ownAddress) === 6 ? `[${ownAddress}]` : ownAddress}:${port}`,
  };
}

/** @throws where the ECS task's metadata cannot be read although the environment names it. */
export async function readIdentity(env: WorkerEnv): Promise<WorkerIdentity> {
  const complete = env.workerId !== undefined && env.endpoint !== undefined;
  if (env.ecsMetadataUrl === undefined || complete) return deriveIdentity(env, undefined);
  return deriveIdentity(env, await readTask(env.ecsMetadataUrl));
}
