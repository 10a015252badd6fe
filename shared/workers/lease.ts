/**
 * Lease arithmetic (architecture, section 3). The worker counts from the *sending* of the last heartbeat
 * that was acknowledged, the control plane from its arrival, which is later: so the worker has always
 * let go before anyone else may take over.
 */
export const HEARTBEAT_INTERVAL_MS = 10_000;
export const LEASE_TTL_MS = 90_000;
/** What the supervisor waits beyond the lease, for clocks that drift. */
export const LEASE_MARGIN_MS = 10_000;
