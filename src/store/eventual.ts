/** A value, or a promise of it where something has to be waited for. */
export type Eventual<T> = T | Promise<T>;

/** Goes on with a value: at once where it is there, so that what waits for nothing is synchronous from end to end. */
export function chain<T, U>(value: Eventual<T>, next: (value: T) => Eventual<U>): Eventual<U> {
  // oxlint-disable-next-line promise/no-callback-in-promise -- `next` is no callback of the caller's, but what comes next
  return value instanceof Promise ? value.then(next) : next(value);
}
