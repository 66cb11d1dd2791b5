/** Counts from 0 up by a small number, such as that of a domain or a host. */
export class Counts {
  /** All counts; replaced when it grows: read it anew after a change. */
  values: Int32Array = new Int32Array(0);

  /** Makes room for the numbers below a bound, so that they can be looked up in {@link Counts.values}. */
  reserve(bound: number): void {
    if (bound <= this.values.length) return;
    const values = new Int32Array(Math.max(bound, this.values.length * 2));
    values.set(this.values);
    this.values = values;
  }

  /** Adds to the count of a number, and answers with the count before. */
  add(at: number, by: number): number {
    this.reserve(at + 1);
    const before = this.values[at] as number;
    this.values[at] = before + by;
    return before;
  }
}
