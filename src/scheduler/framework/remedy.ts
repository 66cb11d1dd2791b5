/** A change to a workload or a host that would make a filter say yes. */
export interface Remedy {
  /** What is to change, for people: `add 300m cpu`, `tolerate dedicated=gpu:NoSchedule`. */
  readonly text: string;
  /** Whose change it is. */
  readonly of: 'workload' | 'host';
  /** How much of what is missing, where that is a number. */
  readonly missing?: ReadonlyMap<string, number> | undefined;
}
