/** A value that has no parts to make read-only. */
type Leaf = string | number | boolean | bigint | symbol | null | undefined | ((...args: never[]) => unknown);

/**
 * `T` with every property and element read-only, however deep.
 *
 * This is the type of everything that leaves a store or a cache: such objects are deeply frozen and shared.
 */
export type Immutable<T> = T extends Leaf
  ? T
  : unknown extends T
    ? T
    : T extends readonly (infer E)[]
      ? number extends T['length']
        ? readonly Immutable<E>[]
        : { readonly [K in keyof T]: Immutable<T[K]> }
      : { readonly [K in keyof T]: Immutable<T[K]> };

/** `T` with every property and element writable, however deep: what {@link edit} hands to its recipe. */
export type Draft<T> = T extends Leaf
  ? T
  : unknown extends T
    ? T
    : T extends readonly (infer E)[]
      ? number extends T['length']
        ? Draft<E>[]
        : { -readonly [K in keyof T]: Draft<T[K]> }
      : { -readonly [K in keyof T]: Draft<T[K]> };
