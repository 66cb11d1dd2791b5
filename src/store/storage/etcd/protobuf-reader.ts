const VARINT = 0;
const FIXED_64 = 1;
const DELIMITED = 2;
const FIXED_32 = 5;

/**
 * Reads a protobuf message, field by field.
 *
 * After {@link next}, exactly one of the others reads the value of the field, or {@link skip} passes over it.
 *
 * Source: the encoding of protocol buffers, version 3.
 */
export class ProtobufReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  // between two fields, or, after next(), before the value of one of the type #wireType
  #position: number;
  #wireType = VARINT;

  constructor(bytes: Buffer, start = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#position = start;
    this.#end = end;
  }

  /**
   * The number of the next field; 0 at the end.
   *
   * @throws RangeError, as all that read, where the bytes are no message.
   */
  next(): number {
    if (this.#position === this.#end) return 0;
    const tag = this.#varint();
    this.#wireType = tag % 8;
    const field = Math.floor(tag / 8);
    if (field === 0) throw new RangeError('Expected a field of a message, got number 0');
    return field;
  }

  /** @throws RangeError also where it is no safe integer. */
  integer(): number {
    this.#expect(VARINT);
    return this.#varint();
  }

  /** An unsigned integer of up to 64 bits. */
  unsigned(): bigint {
    this.#expect(VARINT);
    return this.#longVarint();
  }

  boolean(): boolean {
    return this.unsigned() !== 0n;
  }

  text(): string {
    const end = this.#delimited();
    const text = this.#bytes.toString('utf8', this.#position, end);
    this.#position = end;
    return text;
  }

  /** The message that the field holds. */
  message(): ProtobufReader {
    const end = this.#delimited();
    const reader = new ProtobufReader(this.#bytes, this.#position, end);
    this.#position = end;
    return reader;
  }

  skip(): void {
    switch (this.#wireType) {
      case VARINT:
        this.#longVarint();
        return;
      case FIXED_64:
        this.#position = this.#within(this.#position + 8);
        return;
      case DELIMITED:
        this.#position = this.#delimited();
        return;
      case FIXED_32:
        this.#position = this.#within(this.#position + 4);
        return;
      default:
        throw new RangeError(`Expected a field of a message, got wire type ${this.#wireType}`);
    }
  }

  #expect(wireType: number): void {
    if (this.#wireType !== wireType) {
      throw new RangeError(`Expected a field of wire type ${wireType}, got ${this.#wireType}`);
    }
  }

  /** Where a delimited value ends, of which the position is then the start. */
  #delimited(): number {
    this.#expect(DELIMITED);
    const size = this.#varint();
    return this.#within(this.#position + size);
  }

  #within(position: number): number {
    if (!(position >= this.#position && position <= this.#end)) {
      throw new RangeError(
        `Expected a message of ${position} bytes or more, got ${this.#end}: it was cut short`,
      );
    }
    return position;
  }

  #varint(): number {
    const start = this.#position;
    let value = 0;
    let factor = 1;
    // seven bytes hold 49 bits
    while (factor < 2 ** 49) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 0x80;
    }
    this.#position = start;
    const long = Number(BigInt.asIntN(64, this.#longVarint()));
    if (!Number.isSafeInteger(long)) throw new RangeError(`Expected a safe integer, got ${long}`);
    return long;
  }

  #longVarint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new RangeError('Expected an integer of up to ten bytes, got a longer one');
  }

  #byte(): number {
    const byte = this.#position < this.#end ? this.#bytes[this.#position] : undefined;
    if (byte === undefined) {
      throw new RangeError(`Expected a message of more than ${this.#end} bytes: it was cut short`);
    }
    this.#position += 1;
    return byte;
  }
}
