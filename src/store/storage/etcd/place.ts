/** How many transactions of the storage one of etcd may hold: each has a place in it, and a revision of its own. */
export const PLACES = 64;

/** The place of a transaction that is alone, and of the last of several. */
export const LAST_PLACE: number = PLACES - 1;

/** Places are written as the characters from `0` on, in their order. */
const FIRST = 48;

export function characterOf(place: number): string {
  return String.fromCharCode(FIRST + place);
}

/** The place that a text begins with. */
export function placeOf(text: string): number {
  return text.charCodeAt(0) - FIRST;
}
