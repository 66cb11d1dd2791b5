import type { Amounts, ResourceColumn } from '../framework/index.js';

/** A column whose arrays can be replaced by larger ones. */
interface GrowingColumn extends ResourceColumn {
  capacity: Float64Array;
  used: Float64Array;
}

/** What a workload uses up, as columns beside amounts. */
interface Demand {
  readonly columns: readonly ResourceColumn[];
  readonly amounts: readonly number[];
}

/** What hosts have and what is used up, a column a resource: whole numbers, so that what is added and taken off again leaves nothing. */
export class ResourceTable {
  readonly #columns = new Map<string, GrowingColumn>();
  // how many hosts each column has room for
  #room = 0;
  // the amounts of workloads, which many of them share, with their columns
  readonly #demands = new WeakMap<Amounts, Demand>();

  /** The column of a resource, which may be of nothing. */
  column(name: string): GrowingColumn {
    let column = this.#columns.get(name);
    if (column === undefined) {
      column = { name, capacity: new Float64Array(this.#room), used: new Float64Array(this.#room) };
      this.#columns.set(name, column);
    }
    return column;
  }

  /** Makes room for so many hosts. */
  grow(room: number): void {
    if (room <= this.#room) return;
    this.#room = room;
    for (const column of this.#columns.values()) {
      column.capacity = grown(column.capacity, room);
      column.used = grown(column.used, room);
    }
  }

  /** What a host has from now on. */
  setCapacity(index: number, capacity: Amounts): void {
    for (const column of this.#columns.values()) column.capacity[index] = 0;
    for (const [name, amount] of capacity) this.column(name).capacity[index] = amount;
  }

  /** Adds what a workload uses up to its host, `sign` times: 1 or -1. */
  use(index: number, requests: Amounts, sign: 1 | -1): void {
    let demand = this.#demands.get(requests);
    if (demand === undefined) {
      demand = {
        columns: Array.from(requests.keys(), (name) => this.column(name)),
        amounts: [...requests.values()],
      };
      this.#demands.set(requests, demand);
    }
    const { columns, amounts } = demand;
    for (let at = 0; at < columns.length; at += 1) {
      const { used } = columns[at] as ResourceColumn;
      used[index] = (used[index] as number) + sign * (amounts[at] as number);
    }
  }
}

function grown(values: Float64Array, room: number): Float64Array {
  const copy = new Float64Array(room);
  copy.set(values);
  return copy;
}
