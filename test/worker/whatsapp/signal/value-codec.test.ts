import { proto } from '@whiskeysockets/baileys';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeKey, decodeValue, encodeValue } from '../../../../worker/whatsapp/signal/value-codec.ts';

const bytes = fc.uint8Array({ maxLength: 64 }).map((array) => Buffer.from(array));
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
    fc.boolean(),
    fc.constant(null),
    bytes,
    fc.bigInt(),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('$b', '$n', '$$b', '__proto__')), tie('value'), {
      maxKeys: 5,
      noNullPrototype: true,
    }),
  ),
}));

describe('values in the journal', () => {
  it('values in the journal come back as they went in, bytes as bytes', () => {
    fc.assert(
      fc.property(value, (original) => {
        expect(decodeValue(encodeValue(original))).toEqual(original);
      }),
    );
  });

  it('values in the journal keep a protobuf message’s bytes, which its own JSON would turn into text', () => {
    const account = proto.ADVSignedDeviceIdentity.fromObject({ details: Buffer.from([1, 2, 3]) });
    expect(decodeValue(encodeValue(account))).toEqual({ details: Buffer.from([1, 2, 3]) });
  });

  it('values in the journal come back as Baileys expects its app state keys', () => {
    const key = proto.Message.AppStateSyncKeyData.fromObject({ keyData: Buffer.from([7]), timestamp: 12 });
    const back = decodeKey('app-state-sync-key', encodeValue(key));
    expect(back).toBeInstanceOf(proto.Message.AppStateSyncKeyData);
  });
});
