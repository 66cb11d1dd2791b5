/** Up to so many pairs are all compared: beyond, only items that occur once in each list are anchors. */
const PAIRS = 10_000;

/** How often a piece between anchors is searched for anchors of its own: lists can be made that go on and on. */
const ROUNDS = 8;

/** A piece of two lists, from a start up to an end that it does not include. */
interface Piece {
  readonly beforeStart: number;
  readonly beforeEnd: number;
  readonly afterStart: number;
  readonly afterEnd: number;
}

/**
 * Which items of `before` are which of `after`, where items are told apart by number: pairs of indexes, both increasing, of equal
 * items.
 *
 * Of short lists as many as can be; of long ones that were changed in many places perhaps fewer, in time that stays near linear.
 */
export function alignItems(
  before: readonly number[],
  after: readonly number[],
): readonly (readonly [before: number, after: number])[] {
  const pairs: [number, number][] = [];
  alignPiece(
    { beforeStart: 0, beforeEnd: before.length, afterStart: 0, afterEnd: after.length },
    before,
    after,
    pairs,
    ROUNDS,
  );
  return pairs;
}

function alignPiece(
  { beforeStart, beforeEnd, afterStart, afterEnd }: Piece,
  before: readonly number[],
  after: readonly number[],
  pairs: [number, number][],
  rounds: number,
): void {
  let [start, end, otherStart, otherEnd] = [beforeStart, beforeEnd, afterStart, afterEnd];
  while (start < end && otherStart < otherEnd && before[start] === after[otherStart]) {
    pairs.push([start, otherStart]);
    start += 1;
    otherStart += 1;
  }
  while (start < end && otherStart < otherEnd && before[end - 1] === after[otherEnd - 1]) {
    end -= 1;
    otherEnd -= 1;
  }
  const middle: Piece = {
    beforeStart: start,
    beforeEnd: end,
    afterStart: otherStart,
    afterEnd: otherEnd,
  };
  if ((end - start) * (otherEnd - otherStart) <= PAIRS) {
    alignAll(middle, before, after, pairs);
  } else if (rounds > 0) {
    alignBetweenAnchors(middle, before, after, pairs, rounds - 1);
  }
  for (let index = end; index < beforeEnd; index += 1) pairs.push([index, otherEnd + index - end]);
}

/** The longest common subsequence, from the table of its lengths. */
function alignAll(
  { beforeStart, beforeEnd, afterStart, afterEnd }: Piece,
  before: readonly number[],
  after: readonly number[],
  pairs: [number, number][],
): void {
  const rows = beforeEnd - beforeStart;
  const columns = afterEnd - afterStart;
  if (rows === 0 || columns === 0) return;
  const width = columns + 1;
  // the cell of a row and a column: how many pairs there are from there to the ends
  const lengths = new Int32Array((rows + 1) * width);
  for (let row = rows - 1; row >= 0; row -= 1) {
    for (let column = columns - 1; column >= 0; column -= 1) {
      const cell = row * width + column;
      lengths[cell] =
        before[beforeStart + row] === after[afterStart + column]
          ? (lengths[cell + width + 1] as number) + 1
          : Math.max(lengths[cell + width] as number, lengths[cell + 1] as number);
    }
  }
  let row = 0;
  let column = 0;
  while (row < rows && column < columns) {
    const cell = row * width + column;
    if (before[beforeStart + row] === after[afterStart + column]) {
      pairs.push([beforeStart + row, afterStart + column]);
      row += 1;
      column += 1;
    } else if ((lengths[cell + width] as number) >= (lengths[cell + 1] as number)) row += 1;
    else column += 1;
  }
}

/** Aligns what lies between the items that occur once on each side, as a patience diff does. */
function alignBetweenAnchors(
  piece: Piece,
  before: readonly number[],
  after: readonly number[],
  pairs: [number, number][],
  rounds: number,
): void {
  const places = uniquePlaces(before, piece.beforeStart, piece.beforeEnd);
  const otherPlaces = uniquePlaces(after, piece.afterStart, piece.afterEnd);
  const candidates: [number, number][] = [];
  for (const [item, place] of places) {
    const other = otherPlaces.get(item);
    if (place !== undefined && other !== undefined) candidates.push([place, other]);
  }
  if (candidates.length === 0) return;
  let { beforeStart, afterStart } = piece;
  for (const candidate of longestIncrease(candidates.map(([, other]) => other))) {
    const [place, other] = candidates[candidate] as [number, number];
    alignPiece({ beforeStart, beforeEnd: place, afterStart, afterEnd: other }, before, after, pairs, rounds);
    pairs.push([place, other]);
    beforeStart = place + 1;
    afterStart = other + 1;
  }
  alignPiece({ ...piece, beforeStart, afterStart }, before, after, pairs, rounds);
}

/** Where each item stands, in the order of the list; undefined for one that occurs more than once. */
function uniquePlaces(
  items: readonly number[],
  start: number,
  end: number,
): ReadonlyMap<number, number | undefined> {
  const places = new Map<number, number | undefined>();
  for (let index = start; index < end; index += 1) {
    const item = items[index] as number;
    places.set(item, places.has(item) ? undefined : index);
  }
  return places;
}

/** The indexes of a longest strictly increasing subsequence. */
export function longestIncrease(values: readonly number[]): readonly number[] {
  // the index of the smallest value that ends an increase of each length, and who stands before each value in its increase
  const ends: number[] = [];
  const previous: number[] = [];
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] as number;
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((values[ends[middle] as number] as number) < value) low = middle + 1;
      else high = middle;
    }
    previous.push(low === 0 ? -1 : (ends[low - 1] as number));
    ends[low] = index;
  }
  const result: number[] = [];
  for (let index = ends.at(-1) ?? -1; index >= 0; index = previous[index] as number) result.push(index);
  return result.reverse();
}
