const MAX_LENGTH = 200;

/**
 * What may be logged of a fault: its name and message. Baileys' errors carry stanzas, keys and stacks in
 * further fields, so they are never handed to the logger whole.
 */
export function describeFault(fault: unknown): string {
  if (!(fault instanceof Error)) return 'unknown fault';
  const cause = fault.cause instanceof Error ? `; ${fault.cause.message}` : '';
  return `${fault.name}: ${fault.message}${cause}`.slice(0, MAX_LENGTH);
}
