import { BlockList, isIPv4 } from 'node:net';
import * as z from 'zod';

/** A request of the control plane to the relay: one call of the worker API. */
export const RelayCall = z.object({
  url: z.url({ protocol: /^https?$/ }),
  method: z.enum(['GET', 'POST', 'PUT', 'DELETE']),
  token: z.string().min(1).optional(),
  requestId: z.string().max(128).optional(),
  body: z.string().optional(),
});
export type RelayCall = z.infer<typeof RelayCall>;

/** A worker's answer, or the code of the connection's failure. */
export const RelayAnswer = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('answered'),
    status: z.number().int(),
    headers: z.record(z.string(), z.string()),
    /** Base64, because pictures are relayed too. */
    body: z.string(),
  }),
  z.object({ outcome: z.literal('failed'), code: z.string().optional(), message: z.string() }),
]);
export type RelayAnswer = z.infer<typeof RelayAnswer>;

/**
 * RFC 1918 addresses, where workers inside a VPC are; never this machine, the metadata service or the
 * internet.
 */
const PRIVATE = new BlockList();
PRIVATE.addSubnet('10.0.0.0', 8);
PRIVATE.addSubnet('172.16.0.0', 12);
PRIVATE.addSubnet('192.168.0.0', 16);

export function isPrivateAddress(host: string): boolean {
  return isIPv4(host) && PRIVATE.check(host);
}
