import type { Verdict } from '../framework/index.js';

/** A verdict for each host, of which most are the same few: by index, in little room. */
export class VerdictColumn {
  // by index: 0 for none, else the place of the verdict in #verdicts, and one more
  #codes: Int32Array;
  readonly #verdicts: Verdict[] = [];
  readonly #codeOf = new Map<Verdict, number>();

  constructor(room: number) {
    this.#codes = new Int32Array(room);
  }

  get room(): number {
    return this.#codes.length;
  }

  /** The verdict of a host; undefined where there is none. */
  get(index: number): Verdict | undefined {
    const code = this.#codes[index] as number;
    return code === 0 ? undefined : this.#verdicts[code - 1];
  }

  set(index: number, verdict: Verdict | undefined): void {
    this.#codes[index] = verdict === undefined ? 0 : this.#code(verdict);
  }

  /** Makes room for so many hosts. */
  grow(room: number): void {
    const codes = new Int32Array(room);
    codes.set(this.#codes);
    this.#codes = codes;
  }

  #code(verdict: Verdict): number {
    let code = this.#codeOf.get(verdict);
    if (code === undefined) {
      this.#verdicts.push(verdict);
      code = this.#verdicts.length;
      this.#codeOf.set(verdict, code);
    }
    return code;
  }
}
