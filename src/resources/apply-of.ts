/** A value that has no parts to leave out. */
type Leaf = string | number | boolean | bigint | symbol | null | undefined | ((...args: never[]) => unknown);

/**
 * `T` with every property optional, however deep: what an apply says of an object.
 *
 * Who applies names the fields that it has an opinion about, and no others. Items of a list may be partial too, as they merge with
 * the items of other appliers; a tuple keeps its length, and a union its members.
 *
 * @example
 * ```ts
 * const intent: ApplyOf<New<typeof Website>> = { metadata: { name: 'a' }, spec: { replicas: 3 } };   // no image: somebody else's
 * ```
 */
export type ApplyOf<T> = T extends Leaf
  ? T
  : unknown extends T
    ? T
    : T extends readonly (infer E)[]
      ? number extends T['length']
        ? readonly ApplyOf<E>[]
        : { readonly [K in keyof T]: ApplyOf<T[K]> }
      : { readonly [K in keyof T]?: ApplyOf<T[K]> | undefined };
