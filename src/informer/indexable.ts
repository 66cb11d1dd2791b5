/** What an object must have to be kept in an `Indexer`. */
export interface Indexable {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly labels?: Readonly<Record<string, string>> | undefined;
  };
}
