/** The part of JSON Schema that our documents use. */
export interface JsonSchema {
  examples?: unknown[];
  type?: string | string[];
  description?: string;
  /** A name for what several schemas have in common. */
  title?: string;
  const?: unknown;
  enum?: unknown[];
  default?: unknown;
  format?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  propertyNames?: JsonSchema;
  additionalProperties?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
}

/** Values that a reader recognises, by the field's name; a schema's own examples come first. */
const BY_NAME: Readonly<Record<string, unknown>> = {
  to: '6281234567890',
  from: '+6281234567890',
  phoneNumber: '+6281234567890',
  message: 'Hello from the gateway',
  email: 'ada@example.com',
  password: 'a long pass phrase',
  name: 'Support line',
  url: 'https://example.com/hook',
  sessionId: 'u4k2-support-line',
  messageId: '3EB0A1B2C3D4E5F60718',
  userId: 'u4k2',
  webhookId: 'wh_00c0ffee00c0ffee00c0',
  deliveryId: 'msg_3n1c0ffee',
  workerId: 'worker-1',
  endpoint: 'http://10.0.0.5:8001',
  qrString: 'https://wa.me/settings/linked_devices#2@AbC…',
  qrCode: 'data:image/png;base64,iVBORw0KGgo…',
  apiKey: 'sk_live_…',
  accessToken: 'eyJhbGciOi…',
  refreshToken: 'rt_…',
  error: 'A sentence a person can act on.',
};

/** Of a list of words, those a reader meets most. */
const TYPICAL = new Set<unknown>(['sent', 'CONNECTED', 'delivered', 'ONLINE', 'text']);

const DAY = '2026-11-21';

export const variantsOf = (schema: JsonSchema) => schema.anyOf ?? schema.oneOf ?? [];

/** One object out of the parts of an intersection. */
export function merged(schema: JsonSchema): JsonSchema {
  const parts = schema.allOf?.map(merged) ?? [];
  if (parts.length === 0) return schema;
  const properties = Object.assign({}, schema.properties, ...parts.map((part) => part.properties ?? {}));
  const required = [...(schema.required ?? []), ...parts.flatMap((part) => part.required ?? [])];
  return { ...schema, type: 'object', properties, required };
}

function ofType({ type, format, minimum }: JsonSchema): unknown {
  const first = Array.isArray(type) ? type.find((each) => each !== 'null') : type;
  if (first === 'boolean') return true;
  if (first === 'integer' || first === 'number') return Math.max(minimum ?? 1, 1);
  if (first === 'null') return null;
  if (format === 'date-time') return `${DAY}T10:00:00.000Z`;
  if (format === 'date') return DAY;
  return format === 'uri' ? 'https://example.com' : '…';
}

function exampleOfRecord({ propertyNames, additionalProperties = {} }: JsonSchema): unknown {
  const names = propertyNames?.enum ?? [];
  return Object.fromEntries(names.map((name) => [String(name), exampleOf(additionalProperties, false)]));
}

/**
 * A value that the schema takes.
 * @param isRequest leaves out what may be left out; an answer shows everything
 */
export function exampleOf(given: JsonSchema, isRequest: boolean, name = ''): unknown {
  if (given.examples !== undefined) return given.examples[0];
  const schema = merged(given);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum.find((each) => TYPICAL.has(each)) ?? schema.enum[0];
  if (schema.properties !== undefined) {
    const { properties, required = [] } = schema;
    const shown = Object.entries(properties).filter(
      ([key]) => !isRequest || required.includes(key) || required.length === 0,
    );
    return Object.fromEntries(shown.map(([key, value]) => [key, exampleOf(value, isRequest, key)]));
  }
  const [variant] = variantsOf(schema);
  if (variant !== undefined) return exampleOf(variant, isRequest, name);
  if (schema.type === 'string' && schema.format === undefined && Object.hasOwn(BY_NAME, name))
    return BY_NAME[name];
  if (schema.items !== undefined) return [exampleOf(schema.items, isRequest, name.replace(/s$/, ''))];
  if (schema.type === 'object') return exampleOfRecord(schema);
  return ofType(schema);
}
