import { type Link, LinkedList } from './linked-list.js';

/** An entry's place in its flow. */
export class Place<E> implements Link<Place<E>> {
  readonly entry: E;
  readonly flow: string;
  // belong to the flow
  previous: Place<E> | undefined = undefined;
  next: Place<E> | undefined = undefined;

  constructor(entry: E, flow: string) {
    this.entry = entry;
    this.flow = flow;
  }
}

/** The places of one flow, first come first. */
class Flow<E> extends LinkedList<Place<E>> implements Link<Flow<E>> {
  // belong to the turns
  previous: Flow<E> | undefined = undefined;
  next: Flow<E> | undefined = undefined;
}

/** Flows that take turns: each gives one entry, the one that came first, and then lets all others go first. */
export class Flows<E> implements Iterable<E> {
  // holds exactly the flows that have an entry
  readonly #byName = new Map<string, Flow<E>>();
  // the same flows in the order of their turns; one that comes, or comes again, is the last
  readonly #turns = new LinkedList<Flow<E>>();

  /** Adds an entry at the end of its flow. */
  push(place: Place<E>): void {
    let flow = this.#byName.get(place.flow);
    if (flow === undefined) {
      flow = new Flow();
      this.#byName.set(place.flow, flow);
      this.#turns.push(flow);
    }
    flow.push(place);
  }

  /** Takes the next entry out, of which there must be one. */
  take(): E {
    const flow = this.#turns.first as Flow<E>;
    const place = flow.first as Place<E>;
    this.remove(place);
    if (flow.first !== undefined) {
      this.#turns.remove(flow);
      this.#turns.push(flow);
    }
    return place.entry;
  }

  /** Takes out an entry that is here, without a turn of its flow. */
  remove(place: Place<E>): void {
    const flow = this.#byName.get(place.flow) as Flow<E>;
    flow.remove(place);
    if (flow.first !== undefined) return;
    this.#turns.remove(flow);
    this.#byName.delete(place.flow);
  }

  /** All entries, in the order in which they would be taken. */
  *[Symbol.iterator](): Generator<E, void, undefined> {
    let round = [...this.#turns].flatMap((flow) => flow.first ?? []);
    while (round.length > 0) {
      for (const place of round) yield place.entry;
      round = round.flatMap((place) => place.next ?? []);
    }
  }
}
