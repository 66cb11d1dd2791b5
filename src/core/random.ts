/** The port of randomness and identity. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** A whole number in [0, below). */
  integer(below: number): number;
  /** A version 4 UUID. */
  uuid(): string;
}

/** How many UUIDs are made at once: the way to the machine's randomness costs more than they do. */
const BATCH = 128;
const UUID_BYTES = 16;
const UUID_LENGTH = 36;
const HEX = '0123456789abcdef';

/** The randomness of the machine. */
export const systemRandom: Random = /* @__PURE__ */ Object.freeze({
  next: (): number => Math.random(),
  integer: (below: number): number => Math.floor(Math.random() * below),
  uuid: /* @__PURE__ */ uuids(),
});

/** A source of version 4 UUIDs, each of them one flat text: a text put together from pieces takes ten times the memory. */
function uuids(): () => string {
  // a batch of texts, one after another; those before `next` were given out
  let batch: Buffer | undefined;
  let next = 0;
  return () => {
    if (batch === undefined || next === batch.length) {
      batch = uuidTexts(crypto.getRandomValues(new Uint8Array(BATCH * UUID_BYTES)));
      next = 0;
    }
    next += UUID_LENGTH;
    return batch.toString('latin1', next - UUID_LENGTH, next);
  };
}

/** The texts of the UUIDs that are made of these bytes, one after another, in ASCII. */
function uuidTexts(bytes: Uint8Array): Buffer {
  const texts = Buffer.alloc((bytes.length / UUID_BYTES) * UUID_LENGTH, '-');
  let end = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const place = index % UUID_BYTES;
    const byte = bytes[index] as number;
    // the dashes are there already
    if (place === 4 || place === 6 || place === 8 || place === 10) end += 1;
    const high = place === 6 ? 4 : place === 8 ? ((byte >> 4) & 0x3) | 0x8 : byte >> 4;
    texts[end] = HEX.charCodeAt(high);
    texts[end + 1] = HEX.charCodeAt(byte & 0xf);
    end += 2;
  }
  return texts;
}

/**
 * Randomness that repeats: the same seed gives the same sequence, on every machine.
 *
 * Not for secrets. Source: sfc32 by Chris Doty-Humphrey (PractRand), seeded through splitmix32.
 */
export class SeededRandom implements Random {
  readonly seed: number;
  // the four words of sfc32; #counter differs at every step, so no short cycles
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  /** @throws RangeError unless `seed` is a safe integer. */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed)) throw new RangeError(`Expected seed to be a safe integer, got ${seed}`);
    this.seed = seed;
    let state = seed | 0;
    const mix = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let word = state ^ (state >>> 16);
      word = Math.imul(word, 0x21f0aaad);
      word ^= word >>> 15;
      word = Math.imul(word, 0x735a2d97);
      return word ^ (word >>> 15);
    };
    this.#a = mix();
    this.#b = mix();
    this.#c = mix() ^ Math.floor(seed / 0x1_0000_0000);
    this.#counter = 1;
    for (let round = 0; round < 12; round += 1) this.#word();
  }

  next(): number {
    return this.#word() / 0x1_0000_0000;
  }

  integer(below: number): number {
    return Math.floor(this.next() * below);
  }

  uuid(): string {
    const words = [this.#word(), this.#word(), this.#word(), this.#word()];
    const hex = words.map((word) => word.toString(16).padStart(8, '0')).join('');
    const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  }

  #word(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }
}
