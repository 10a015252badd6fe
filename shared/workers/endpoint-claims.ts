import { matches } from '../table/condition.ts';
import type { Table } from '../table/table.ts';
import { EndpointClaim, endpointKey, isLive, WorkerItem, workerKey } from './worker-item.ts';

/**
 * Lets one worker only stand behind an endpoint. A claim counts while its worker lives there. Two that claim
 * at once each check the other after writing, claimer the holder and holder the claim, so at least one of
 * them sees the other and steps back.
 */
export interface EndpointClaims {
  /** Returns false where another live worker has it. */
  claim(endpoint: string, workerId: string): Promise<boolean>;
  /** Called once the worker itself is written. */
  isHeldBy(endpoint: string, workerId: string): Promise<boolean>;
}

/** `now` is in milliseconds. */
export function createEndpointClaims(table: Table, now: () => number): EndpointClaims {
  async function livesThere(workerId: string, endpoint: string): Promise<boolean> {
    const worker = await table.get(workerKey(workerId), WorkerItem);
    return worker !== undefined && worker.endpoint === endpoint && isLive(worker, now());
  }
  const write = (endpoint: string, workerId: string, previous: string | undefined) =>
    table.put({ ...endpointKey(endpoint), endpoint, workerId }, matches('workerId', previous));

  return {
    async claim(endpoint, workerId) {
      const holder = (await table.get(endpointKey(endpoint), EndpointClaim))?.workerId;
      if (holder === workerId) return true;
      if (holder !== undefined && (await livesThere(holder, endpoint))) return false;
      if (!(await write(endpoint, workerId, holder))) return false;
      if (holder === undefined || !(await livesThere(holder, endpoint))) return true;
      await write(endpoint, holder, workerId);
      return false;
    },
    async isHeldBy(endpoint, workerId) {
      return (await table.get(endpointKey(endpoint), EndpointClaim))?.workerId === workerId;
    },
  };
}
