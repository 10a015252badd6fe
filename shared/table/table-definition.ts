/**
 * The one table as data: `infra/` and the local runtime create it from this. The index carries keys only:
 * whoever follows it reads the base items consistently anyway, and a heartbeat or a QR then costs no index write.
 */
export const TABLE_DEFINITION = {
  partitionKey: 'pk',
  sortKey: 'sk',
  /** Epoch seconds; only tidies up, readers check `expiresAt` themselves. */
  ttlAttribute: 'ttl',
  indexes: [{ name: 'gsi1', partitionKey: 'gsi1pk', sortKey: 'gsi1sk', projection: 'KEYS_ONLY' }],
} as const;

export type IndexName = (typeof TABLE_DEFINITION)['indexes'][number]['name'];
