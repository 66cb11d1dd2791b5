/** How many characters or items two texts or lists begin with that are the very same. */
export function commonStart(before: ArrayLike<unknown>, after: ArrayLike<unknown>): number {
  const end = Math.min(before.length, after.length);
  let index = 0;
  while (index < end && before[index] === after[index]) index += 1;
  return index;
}
