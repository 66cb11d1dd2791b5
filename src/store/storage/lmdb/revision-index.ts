/**
 * At which revision everything was last written, by all transactions that are decided, also such as are not durable yet.
 *
 * It is in memory, so that a transaction is decided without a look at the disk: about a hundred bytes for an object.
 */
export class RevisionIndex {
  // by name, all records that there are
  readonly #records: Map<string, number>;
  // all collections that something was written to or deleted from after #beginning
  readonly #collections = new Map<string, number>();
  // when collections changed before it is not known, so each of them may have changed then
  readonly #beginning: number;

  /**
   * @param beginning - The revision at which there is what `records` has.
   * @param records - Belongs to the index from then on.
   */
  constructor(beginning: number, records: Map<string, number>) {
    this.#beginning = beginning;
    this.#records = records;
  }

  /** When a record was written; 0 where there is none. */
  ofRecord(name: string): number {
    return this.#records.get(name) ?? 0;
  }

  /** When something was written to a collection, or deleted from it; not before that, at any rate. */
  ofCollection(collection: string): number {
    return this.#collections.get(collection) ?? this.#beginning;
  }

  /** Notes that a record was written, or deleted. */
  note(collection: string, name: string, revision: number, deleted: boolean): void {
    if (deleted) this.#records.delete(name);
    else this.#records.set(name, revision);
    this.#collections.set(collection, revision);
  }
}
