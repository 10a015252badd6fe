/** Outside the Basic Multilingual Plane, and its two noncharacters. */
const REFUSED = /[\ud800-\udfff\ufffe\uffff]/g;

/**
 * JSON as any queue takes it. SQS refuses some characters, which would hold up everything behind the message that
 * has one, and emulators refuse more of them (emoji, for one); escaped, they arrive as what they are.
 */
export const toQueueText = (json: string): string =>
  json.replace(REFUSED, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
