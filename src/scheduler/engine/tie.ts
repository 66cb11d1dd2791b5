/**
 * Draws one of `equals`: the same for the same seed and the same place in the sequence of decisions.
 *
 * Source: the finaliser of MurmurHash3 over both numbers.
 */
export function draw(seed: number, sequence: number, equals: number): number {
  if (equals <= 1) return 0;
  let hash = (Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul((sequence | 0) + 1, 0x85ebca77)) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  hash = (hash ^ (hash >>> 16)) >>> 0;
  return Math.floor((hash / 0x1_0000_0000) * equals);
}

/** The place of one of the highest totals, drawn as {@link draw} does. */
export function drawBest(seed: number, sequence: number, totals: Float64Array): number {
  let highest = Number.NEGATIVE_INFINITY;
  let equals = 0;
  for (let at = 0; at < totals.length; at += 1) {
    const total = totals[at] as number;
    if (total > highest) {
      highest = total;
      equals = 1;
    } else if (total === highest) equals += 1;
  }
  let left = draw(seed, sequence, equals);
  for (let at = 0; ; at += 1) {
    if (totals[at] !== highest) continue;
    if (left === 0) return at;
    left -= 1;
  }
}
