/** How a group is placed. */
export interface GroupOptions {
  /** How many members have to be placed for any to be: a whole number from 0 to how many there are; all of them unless given. */
  readonly minCount?: number | undefined;
  /** A label of hosts: all members that are placed go to hosts with the same value of it. */
  readonly topologyKey?: string | undefined;
  /** The only value of `topologyKey` in question, as the group has members there already. */
  readonly domain?: string | undefined;
  /** The members that are placed already, by key: they stay, whoever else has to go. */
  readonly placed?: ReadonlySet<string> | undefined;
  /** Whether to look for workloads that could go where there is no room for the group; false unless given. */
  readonly makeRoom?: boolean | undefined;
}
