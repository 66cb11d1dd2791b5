/** An object as a history has it. */
export interface LoggedObject {
  /** Empty for an object of the whole cluster. */
  readonly namespace: string;
  readonly name: string;
  /** Its resourceVersion. */
  readonly revision: number;
  readonly labels: Readonly<Record<string, string>>;
  /** All that matters of it, as text: objects with the same text are the same. */
  readonly content: string;
}

/** What one commit did to one object; those of one commit have the same revision, and follow each other. */
export interface LoggedChange {
  readonly revision: number;
  /** What was there before; undefined for nothing. */
  readonly before: LoggedObject | undefined;
  /** What is there now; undefined for nothing. */
  readonly after: LoggedObject | undefined;
}

/** The name of the object that a change is about. */
export function placeOf(change: LoggedChange): string {
  return nameOf(objectOf(change));
}

/** The object that a change is about, as it is now or was last. */
export function objectOf({ before, after }: LoggedChange): LoggedObject {
  const object = after ?? before;
  if (object === undefined) throw new TypeError('Expected a change to have an object before or after it');
  return object;
}

/** Whether two states are of the same object. */
export function isSame(a: LoggedObject, b: LoggedObject): boolean {
  return a.name === b.name && a.namespace === b.namespace;
}

/** Puts a value under a revision that may have others. */
export function addAt<T>(map: Map<number, T[]>, revision: number, value: T): void {
  const values = map.get(revision);
  if (values === undefined) map.set(revision, [value]);
  else values.push(value);
}

/** The namespace and the name in one. */
export function nameOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

/** The index of the first change after a revision; the log is in the order of revisions. */
export function firstAfter(log: readonly { readonly revision: number }[], revision: number): number {
  let low = 0;
  let high = log.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((log[middle]?.revision ?? 0) > revision) high = middle;
    else low = middle + 1;
  }
  return low;
}
