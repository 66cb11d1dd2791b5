/** A run that waits or is wished for, as the model keeps it. */
export interface ModelRun {
  priority: number;
  since: number;
  reasons: string[];
}

/** A run that waits, and where: it came into the lane of a priority at a time. */
interface Waiting extends ModelRun {
  order: number;
  lane: number;
  came: number;
}

interface Wish extends ModelRun {
  at: number;
  order: number;
}

interface Hand extends ModelRun {
  wished: boolean;
}

/** What a work queue of strings must do, in the plainest words: slow, and without a clock, promises or timers. */
export class WorkQueueModel {
  now = 0;
  shut = false;
  readonly waiting = new Map<string, Waiting>();
  readonly hand = new Map<string, Hand>();
  readonly wishes = new Map<string, Wish>();
  readonly failures = new Map<string, number>();
  /** Who waits in get, by number, and what each of them got. */
  readonly getters: number[] = [];
  readonly got: [getter: number, key: string | undefined][] = [];
  readonly #ageing: number;
  readonly #flowOf: (key: string) => string;
  #order = 0;
  // the flows of each lane that have something ready, in the order of their turns
  #turns: [lane: number, flow: string][] = [];

  constructor(ageing = 100, flowOf: (key: string) => string = () => '') {
    this.#ageing = ageing;
    this.#flowOf = flowOf;
  }

  add(key: string, priority: number, reasons: readonly string[]): void {
    if (this.shut) return;
    const run = this.waiting.get(key);
    if (run === undefined) {
      this.waiting.set(key, { priority, since: this.now, reasons: [...reasons], order: 0, lane: 0, came: 0 });
      this.#come(key, priority);
    } else {
      run.reasons.push(...reasons);
      if (priority > run.priority) {
        run.priority = priority;
        // to be raised never costs a turn
        if (this.#rank(priority, this.now) <= this.#rank(run.lane, run.came)) this.#come(key, priority);
      }
    }
    this.#serve();
  }

  addAfter(key: string, delay: number, priority: number, reason: string, replaces: boolean): void {
    if (this.shut) return;
    if (delay <= 0) {
      this.add(key, priority, [reason]);
      return;
    }
    const hand = this.hand.get(key);
    if (replaces && hand?.wished === false) this.wishes.delete(key);
    if (hand !== undefined) hand.wished = true;
    const at = this.now + delay;
    const wish = this.wishes.get(key);
    if (wish === undefined) {
      this.wishes.set(key, { at, order: this.#order++, priority, since: this.now, reasons: [reason] });
    } else {
      wish.reasons.push(reason);
      wish.priority = Math.max(wish.priority, priority);
      if (at < wish.at) Object.assign(wish, { at, order: this.#order++ });
    }
  }

  addRateLimited(key: string, priority: number, reason: string): void {
    if (this.shut) return;
    const failures = this.failures.get(key) ?? 0;
    this.failures.set(key, failures + 1);
    this.addAfter(key, Math.min(1_000, 5 * 2 ** failures), priority, reason, false);
  }

  /** In the order in which they are handed out: each is the first of what the ones before it leave. */
  ready(): string[] {
    const left = [...this.waiting]
      .filter(([key]) => !this.hand.has(key))
      .sort(([, a], [, b]) => a.order - b.order);
    const turns = [...this.#turns];
    const order: string[] = [];
    while (left.length > 0) {
      const oldest = left.reduce((first, next) => (this.#isBefore(next[1], first[1]) ? next : first))[1];
      const turn = turns.findIndex(([lane]) => lane === oldest.lane);
      const [[lane, flow]] = turns.splice(turn, 1) as [[number, string]];
      const ofFlow = left.filter(([key, run]) => run.lane === lane && this.#flowOf(key) === flow);
      if (ofFlow.length > 1) turns.push([lane, flow]);
      const [next] = ofFlow as [[string, Waiting]];
      left.splice(left.indexOf(next), 1);
      order.push(next[0]);
    }
    return order;
  }

  delayed(): [string, Wish][] {
    return [...this.wishes].sort(([, a], [, b]) => a.at - b.at || a.order - b.order);
  }

  take(): string | undefined {
    const key = this.ready()[0];
    if (key === undefined) return undefined;
    const { priority, reasons, lane } = this.waiting.get(key) as Waiting;
    this.waiting.delete(key);
    this.hand.set(key, { priority, since: this.now, reasons, wished: false });
    // the flow had its turn: it is the last now, if it has anything left
    this.#turns = this.#turns.filter((turn) => !this.#is(turn, lane, key));
    this.#settleTurns();
    return key;
  }

  get(getter: number): void {
    this.getters.push(getter);
    this.#serve();
    if (this.shut) for (const waiting of this.getters.splice(0)) this.got.push([waiting, undefined]);
  }

  done(key: string): void {
    if (!this.hand.delete(key)) return;
    const again = this.waiting.get(key);
    if (again !== undefined) this.#come(key, again.priority);
    this.#serve();
  }

  advance(duration: number): void {
    const end = this.now + duration;
    for (let [first] = this.delayed(); first !== undefined && first[1].at <= end; [first] = this.delayed()) {
      const [key, wish] = first;
      this.now = wish.at;
      this.wishes.delete(key);
      this.add(key, wish.priority, wish.reasons);
    }
    this.now = end;
  }

  shutDown(): void {
    this.shut = true;
    this.wishes.clear();
    for (const waiting of this.getters.splice(0)) this.got.push([waiting, undefined]);
  }

  #rank(lane: number, came: number): number {
    return came - lane * this.#ageing;
  }

  #isBefore(a: Waiting, b: Waiting): boolean {
    const [first, second] = [this.#rank(a.lane, a.came), this.#rank(b.lane, b.came)];
    return (
      first < second || (first === second && (a.lane > b.lane || (a.lane === b.lane && a.order < b.order)))
    );
  }

  /** The waiting run comes to the end of a lane. */
  #come(key: string, lane: number): void {
    Object.assign(this.waiting.get(key) as Waiting, { lane, came: this.now, order: this.#order++ });
    this.#settleTurns();
  }

  #is([lane, flow]: [number, string], otherLane: number, key: string): boolean {
    return lane === otherLane && flow === this.#flowOf(key);
  }

  /** Flows with nothing ready have no turn; others that have none yet are the last. */
  #settleTurns(): void {
    const ready = [...this.waiting].filter(([key]) => !this.hand.has(key));
    this.#turns = this.#turns.filter((turn) => ready.some(([key, { lane }]) => this.#is(turn, lane, key)));
    for (const [key, { lane }] of ready) {
      if (!this.#turns.some((turn) => this.#is(turn, lane, key))) this.#turns.push([lane, this.#flowOf(key)]);
    }
  }

  #serve(): void {
    while (this.getters.length > 0 && this.ready().length > 0) {
      this.got.push([this.getters.shift() as number, this.take()]);
    }
  }
}
