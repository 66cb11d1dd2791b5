/** Milliseconds for people, such as `0.25 ms`, `12 ms` or `3.2 s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds >= 1_000) return `${Number((milliseconds / 1_000).toPrecision(3))} s`;
  return `${Number(milliseconds.toFixed(milliseconds < 10 ? 2 : 0))} ms`;
}
