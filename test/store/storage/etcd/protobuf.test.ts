import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtobufReader } from '../../../../src/store/storage/etcd/protobuf-reader.js';
import { ProtobufWriter } from '../../../../src/store/storage/etcd/protobuf-writer.js';

const SEED = 20_251;

type Field =
  | { readonly kind: 'integer'; readonly number: number; readonly value: number }
  | { readonly kind: 'boolean'; readonly number: number; readonly value: boolean }
  | { readonly kind: 'text'; readonly number: number; readonly value: string }
  | { readonly kind: 'message'; readonly number: number; readonly value: readonly Field[] };

const number = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 2 ** 29 - 1 }));
const { field } = fc.letrec<{ field: Field }>((tie) => ({
  field: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ kind: fc.constant('integer' as const), number, value: fc.maxSafeInteger() }),
    fc.record({ kind: fc.constant('boolean' as const), number, value: fc.boolean() }),
    fc.record({
      kind: fc.constant('text' as const),
      number,
      value: fc.oneof(
        fc.string({ unit: 'grapheme' }),
        fc.nat(40_000).map((size) => 'ä'.repeat(size)),
      ),
    }),
    fc.record({
      kind: fc.constant('message' as const),
      number,
      value: fc.array(tie('field'), { maxLength: 4 }),
    }),
  ),
}));

function write(writer: ProtobufWriter, fields: readonly Field[]): void {
  for (const one of fields) {
    if (one.kind === 'integer') writer.integer(one.number, one.value);
    else if (one.kind === 'boolean') writer.boolean(one.number, one.value);
    else if (one.kind === 'text') writer.text(one.number, one.value);
    else writer.message(one.number, () => write(writer, one.value));
  }
}

function encode(fields: readonly Field[]): Buffer {
  const writer = new ProtobufWriter(1);
  write(writer, fields);
  return writer.finish();
}

/** Reads fields that are known to be like some others. */
function read(reader: ProtobufReader, like: readonly Field[]): readonly Field[] {
  const fields = like.map((one): Field => {
    const found = reader.next();
    if (one.kind === 'integer') return { kind: one.kind, number: found, value: reader.integer() };
    if (one.kind === 'boolean') return { kind: one.kind, number: found, value: reader.boolean() };
    if (one.kind === 'text') return { kind: one.kind, number: found, value: reader.text() };
    return { kind: one.kind, number: found, value: read(reader.message(), one.value) };
  });
  expect(reader.next()).toBe(0);
  return fields;
}

describe('the protobuf codec', () => {
  it('reads what it wrote', () => {
    fc.assert(
      fc.property(fc.array(field, { maxLength: 6 }), (fields) => {
        expect(read(new ProtobufReader(encode(fields)), fields)).toEqual(fields);
      }),
      { seed: SEED },
    );
  });

  it('skips every field, and says where a message was cut short', () => {
    fc.assert(
      fc.property(fc.array(field, { minLength: 1, maxLength: 6 }), fc.nat(), (fields, at) => {
        const bytes = encode(fields);
        const reader = new ProtobufReader(bytes);
        for (const one of fields) {
          expect(reader.next()).toBe(one.number);
          reader.skip();
        }
        expect(reader.next()).toBe(0);

        const cut = new ProtobufReader(bytes.subarray(0, at % bytes.length));
        let count = 0;
        try {
          while (cut.next() !== 0) {
            cut.skip();
            count += 1;
          }
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
        expect(count).toBeLessThan(fields.length);
      }),
      { seed: SEED },
    );
  });

  it('throws nothing but RangeError on any bytes, and ends', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(4), (bytes, how) => {
        const reader = new ProtobufReader(Buffer.from(bytes));
        try {
          while (reader.next() !== 0) {
            if (how === 0) reader.integer();
            else if (how === 1) reader.text();
            else if (how === 2) reader.message();
            else if (how === 3) reader.unsigned();
            else reader.skip();
          }
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { seed: SEED, numRuns: 2_000 },
    );
  });

  it('encodes as the specification has it', () => {
    const writer = new ProtobufWriter();
    writer.integer(1, 150);
    writer.text(2, 'testing');
    writer.message(3, () => writer.integer(1, 150));
    writer.integer(1, -1);
    expect(writer.finish().toString('hex')).toBe('089601120774657374696e671a0308960108ffffffffffffffffff01');
  });

  it('reads integers of 64 bits: unsigned as they are, and others only where they are safe', () => {
    const reader = (hex: string): ProtobufReader => {
      const made = new ProtobufReader(Buffer.from(`08${hex}`, 'hex'));
      expect(made.next()).toBe(1);
      return made;
    };
    expect(reader('ffffffffffffffffff01').unsigned()).toBe(2n ** 64n - 1n);
    expect(reader('ffffffffffffffffff01').integer()).toBe(-1);
    expect(reader('ffffffffffffff0f').integer()).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => reader('8080808080808010').integer()).toThrow(
      new RangeError('Expected a safe integer, got 9007199254740992'),
    );
    expect(() => reader('ffffffffffffffffffff01').unsigned()).toThrow(RangeError);
    expect(() => new ProtobufWriter().integer(1, 2 ** 53)).toThrow(
      new RangeError('Expected a safe integer in field 1, got 9007199254740992'),
    );
  });

  it('does not take a field for one of another type', () => {
    const reader = new ProtobufReader(Buffer.from('0a0141', 'hex'));
    expect(reader.next()).toBe(1);
    expect(() => reader.integer()).toThrow(new RangeError('Expected a field of wire type 0, got 2'));
  });
});
