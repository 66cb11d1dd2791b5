/** A run that waits or is wished for, as the model keeps it. */
export interface ModelRun {
  priority: number;
  since: number;
  reasons: string[];
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
  readonly waiting = new Map<string, ModelRun & { order: number }>();
  readonly hand = new Map<string, Hand>();
  readonly wishes = new Map<string, Wish>();
  readonly failures = new Map<string, number>();
  /** Who waits in get, by number, and what each of them got. */
  readonly getters: number[] = [];
  readonly got: [getter: number, key: string | undefined][] = [];
  #order = 0;

  add(key: string, priority: number, reasons: readonly string[]): void {
    if (this.shut) return;
    const run = this.waiting.get(key);
    if (run === undefined) {
      this.waiting.set(key, { priority, since: this.now, reasons: [...reasons], order: this.#order++ });
    } else {
      run.reasons.push(...reasons);
      if (priority > run.priority) Object.assign(run, { priority, order: this.#order++ });
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

  ready(): string[] {
    return [...this.waiting]
      .filter(([key]) => !this.hand.has(key))
      .sort(([, a], [, b]) => b.priority - a.priority || a.order - b.order)
      .map(([key]) => key);
  }

  delayed(): [string, Wish][] {
    return [...this.wishes].sort(([, a], [, b]) => a.at - b.at || a.order - b.order);
  }

  take(): string | undefined {
    const key = this.ready()[0];
    if (key === undefined) return undefined;
    const { priority, reasons } = this.waiting.get(key) as ModelRun;
    this.waiting.delete(key);
    this.hand.set(key, { priority, since: this.now, reasons, wished: false });
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
    if (again !== undefined) again.order = this.#order++;
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

  #serve(): void {
    while (this.getters.length > 0 && this.ready().length > 0) {
      this.got.push([this.getters.shift() as number, this.take()]);
    }
  }
}
