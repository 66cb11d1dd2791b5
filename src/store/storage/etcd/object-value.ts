import { characterOf, placeOf } from './place.js';

/** The value of an object in etcd: its text, after the place of the transaction that put it. */
export function encodeObject(place: number, text: string): string {
  return characterOf(place) + text;
}

export function decodeObject(value: string): { readonly place: number; readonly text: string } {
  return { place: placeOf(value), text: value.slice(1) };
}
