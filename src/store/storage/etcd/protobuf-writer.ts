const VARINT = 0;
const DELIMITED = 2;
const MOST_OF_VARINT = 10;

/**
 * Writes a protobuf message, field by field.
 *
 * Source: the encoding of protocol buffers, version 3.
 */
export class ProtobufWriter {
  // #bytes up to #length are written
  #bytes: Buffer;
  #length = 0;

  /** @param capacity - How many bytes it will take, at a guess. */
  constructor(capacity = 256) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  /** @throws RangeError unless `value` is a safe integer. */
  integer(field: number, value: number): void {
    if (!Number.isSafeInteger(value)) {
      throw new RangeError(`Expected a safe integer in field ${field}, got ${value}`);
    }
    this.#ensure(2 * MOST_OF_VARINT);
    this.#varint(field * 8 + VARINT);
    if (value >= 0) {
      this.#varint(value);
      return;
    }
    // two's complement of 64 bits
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 0x7fn) {
      this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#length++] = Number(rest);
  }

  boolean(field: number, value: boolean): void {
    this.integer(field, value ? 1 : 0);
  }

  text(field: number, value: string): void {
    const size = Buffer.byteLength(value, 'utf8');
    this.#ensure(2 * MOST_OF_VARINT + size);
    this.#varint(field * 8 + DELIMITED);
    this.#varint(size);
    this.#length += this.#bytes.write(value, this.#length, 'utf8');
  }

  /** A message inside of this one, which `write` writes to this writer. */
  message(field: number, write: () => void): void {
    this.#ensure(2 * MOST_OF_VARINT);
    this.#varint(field * 8 + DELIMITED);
    // one byte is kept free for the size; a longer one moves the message on
    const start = this.#length;
    this.#length += 1;
    write();
    const end = this.#length;
    const size = end - start - 1;
    const more = sizeOfVarint(size) - 1;
    if (more > 0) {
      this.#ensure(more);
      this.#bytes.copyWithin(start + 1 + more, start + 1, end);
    }
    this.#length = start;
    this.#varint(size);
    this.#length = end + more;
  }

  /** What was written; the writer is not to be used after it. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #varint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  #ensure(size: number): void {
    const needed = this.#length + size;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

function sizeOfVarint(value: number): number {
  let size = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) size += 1;
  return size;
}
