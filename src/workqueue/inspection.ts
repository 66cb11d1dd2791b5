/** What is known of a run. All times are in milliseconds since 1970. */
export interface InspectedRun<R = string> {
  readonly priority: number;
  /** A waiting run: when it was first asked for. A delayed one: when the delay began. One in hand: when it was handed out. */
  readonly since: number;
  /** The first eight reasons that were given. */
  readonly reasons: readonly R[];
  /** How many reasons more were given. */
  readonly droppedReasons: number;
}

/** A run of an item. */
export interface InspectedItem<T, R = string> extends InspectedRun<R> {
  /** The item as it was last added. */
  readonly item: T;
  readonly key: string;
}

/** An item that waits for its time. */
export interface DelayedItem<T, R = string> extends InspectedItem<T, R> {
  /** When it comes due. */
  readonly readyAt: number;
}

/** An item in hand. */
export interface ProcessingItem<T, R = string> extends InspectedItem<T, R> {
  /** The run that follows once this one is done; undefined where none was asked for. */
  readonly again: InspectedRun<R> | undefined;
}

/** A snapshot of a queue. An item is in two lists where it is delayed as well as ready or in hand. */
export interface Inspection<T, R = string> {
  /** In the order in which they will be handed out. */
  readonly ready: readonly InspectedItem<T, R>[];
  /** In the order in which they come due. */
  readonly delayed: readonly DelayedItem<T, R>[];
  /** The one that has been in hand longest first. */
  readonly processing: readonly ProcessingItem<T, R>[];
}
