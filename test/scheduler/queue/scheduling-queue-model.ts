import type { Failure } from '../../../src/scheduler/queue/index.js';
import type { TaskSpec } from './fixture.js';

/** The plugins of the model: what each looks at. The gate is the one that `preEnqueue` of `Gated` asks about. */
const FIELDS = { Gated: 'gate', Sized: 'size', Zoned: 'zone' } as const;
type Name = keyof typeof FIELDS;
const NAMES: readonly Name[] = ['Gated', 'Sized', 'Zoned'];

export interface ModelEntry {
  key: string;
  uid: string;
  spec: TaskSpec;
  priority: number;
  place: 'active' | 'backoff' | 'unschedulable' | 'gated' | 'in hand';
  addedAt: number;
  since: number;
  order: number;
  attempts: number;
  rejections: number;
  errors: number;
  failedAt: number;
  retryAt: number;
  rejectedBy: Name[];
  pendingPlugins: Name[];
}

/** An attempt: a copy of the entry, and what has happened since. */
export interface ModelAttempt {
  entry: ModelEntry;
  spec: TaskSpec;
  events: TaskSpec[];
  activated: boolean;
}

/** What the scheduling queue must do, in the plainest words: lists that are looked through from one end to the other. */
export class SchedulingQueueModel {
  now = 0;
  told = 0;
  readonly closed = new Set<string>();
  entries: ModelEntry[] = [];
  #attempts: ModelAttempt[] = [];
  #order = 0;
  #ready = false;

  add(key: string, uid: string, spec: TaskSpec, priority: number): void {
    const known = this.find(key);
    if (known?.uid === uid) {
      this.#change(known, spec, priority);
    } else {
      if (known !== undefined) this.#forget(known);
      const entry: ModelEntry = {
        key,
        uid,
        spec,
        priority,
        place: 'active',
        addedAt: this.now,
        since: this.now,
        order: this.#order++,
        attempts: 0,
        rejections: 0,
        errors: 0,
        failedAt: 0,
        retryAt: 0,
        rejectedBy: [],
        pendingPlugins: [],
      };
      this.entries.push(entry);
      this.#enter(entry, true);
    }
    this.#tell();
  }

  delete(key: string): void {
    const entry = this.find(key);
    if (entry !== undefined) this.#forget(entry);
    this.#tell();
  }

  pop(): ModelAttempt | undefined {
    const entry = this.#next();
    if (entry === undefined) return undefined;
    const attempt = this.#take(entry);
    this.#tell();
    return attempt;
  }

  take(keys: readonly string[], least: number): ModelAttempt[] | undefined {
    const entries = keys
      .flatMap((key) => this.find(key) ?? [])
      .filter(({ place }) => place !== 'gated' && place !== 'in hand');
    if (entries.length < least) return undefined;
    const attempts = entries.map((entry) => this.#take(entry));
    this.#tell();
    return attempts;
  }

  failed(attempt: ModelAttempt, failure: Failure): void {
    if (!this.#attempts.includes(attempt)) return;
    this.#attempts = this.#attempts.filter((open) => open !== attempt);
    const { entry } = attempt;
    entry.since = this.now;
    entry.order = this.#order++;
    const pending = [...(failure.pendingPlugins ?? [])];
    const rejectedBy = [...(failure.rejectedBy ?? [])];
    const no = NAMES.filter((name) => pending.includes(name) || rejectedBy.includes(name));
    if (failure.error === true || no.length === 0) {
      this.#backOff(entry);
    } else {
      entry.errors = 0;
      entry.rejections += 1;
      entry.failedAt = this.now;
      const seconds = Math.ceil((this.now + Math.min(10_000, 1_000 * 2 ** (entry.rejections - 1))) / 1_000);
      entry.retryAt = seconds * 1_000;
      entry.pendingPlugins = no.filter((name) => pending.includes(name));
      entry.rejectedBy = no.filter((name) => !pending.includes(name));
      entry.place = 'unschedulable';
      const helped = no.filter(
        (name) =>
          sees(name, attempt.spec) !== sees(name, entry.spec) ||
          attempt.events.some((event) => wakes(name, event, entry.spec)),
      );
      if (attempt.activated) this.#enter(entry, true);
      else this.#help(entry, helped);
    }
    this.#tell();
  }

  done(attempt: ModelAttempt): void {
    if (this.#attempts.includes(attempt)) this.#forget(attempt.entry);
    this.#tell();
  }

  event(event: TaskSpec): void {
    for (const attempt of this.#attempts) attempt.events.push(event);
    // what is woken and stopped by a gate now is not asked about the same event again
    const waiting = this.entries.filter(({ place }) => place === 'unschedulable' || place === 'gated');
    for (const entry of waiting) {
      const no = [...entry.rejectedBy, ...entry.pendingPlugins];
      this.#help(
        entry,
        no.filter((name) => wakes(name, event, entry.spec)),
      );
    }
    this.#tell();
  }

  activate(keys: readonly string[]): void {
    for (const key of keys) {
      const entry = this.find(key);
      for (const attempt of this.#attempts) if (attempt.entry === entry) attempt.activated = true;
      if (entry !== undefined && entry.place !== 'in hand' && entry.place !== 'active')
        this.#enter(entry, true);
    }
    this.#tell();
  }

  advance(duration: number): void {
    const end = this.now + duration;
    for (let due = this.#due(); due <= end; due = this.#due()) {
      this.now = due;
      for (const entry of this.entries) {
        if (this.#dueAt(entry) > due) continue;
        if (entry.place === 'backoff' && entry.errors === 0) entry.place = 'active';
        else this.#enter(entry, false);
      }
      this.#tell();
    }
    this.now = end;
  }

  find(key: string): ModelEntry | undefined {
    return this.entries.find((entry) => entry.key === key);
  }

  /** Whether the queue needs a timer. */
  get waits(): boolean {
    return this.#due() !== Number.POSITIVE_INFINITY;
  }

  #take(entry: ModelEntry): ModelAttempt {
    entry.place = 'in hand';
    entry.attempts += 1;
    const attempt = { entry, spec: entry.spec, events: [], activated: false };
    this.#attempts.push(attempt);
    return attempt;
  }

  #change(entry: ModelEntry, spec: TaskSpec, priority: number): void {
    const before = entry.spec;
    Object.assign(entry, { spec, priority });
    if (entry.place === 'gated') this.#enter(entry, false);
    if (entry.place !== 'unschedulable') return;
    const no = [...entry.rejectedBy, ...entry.pendingPlugins];
    this.#help(
      entry,
      no.filter((name) => sees(name, before) !== sees(name, spec)),
    );
  }

  #help(entry: ModelEntry, helped: readonly Name[]): void {
    if (helped.length === 0) return;
    this.#enter(
      entry,
      helped.some((name) => entry.pendingPlugins.includes(name)),
    );
  }

  #enter(entry: ModelEntry, atOnce: boolean): void {
    const { gate } = entry.spec;
    if (gate !== undefined && this.closed.has(gate)) {
      if (gate === 'boom') {
        this.#backOff(entry);
        return;
      }
      Object.assign(entry, { place: 'gated', rejectedBy: ['Gated'], pendingPlugins: [] });
    } else {
      entry.place = atOnce || entry.retryAt <= this.now ? 'active' : 'backoff';
    }
  }

  #backOff(entry: ModelEntry): void {
    entry.errors += 1;
    entry.failedAt = this.now;
    entry.retryAt = this.now + Math.min(10_000, 1_000 * 2 ** (entry.errors - 1));
    Object.assign(entry, { place: 'backoff', rejectedBy: [], pendingPlugins: [] });
  }

  #next(): ModelEntry | undefined {
    const order = (a: ModelEntry, b: ModelEntry): number =>
      b.priority - a.priority || a.since - b.since || a.order - b.order;
    const [active] = this.entries.filter(({ place }) => place === 'active').sort(order);
    const [backoff] = this.entries
      .filter(({ place, errors }) => place === 'backoff' && errors === 0)
      .sort((a, b) => a.retryAt - b.retryAt || order(a, b));
    return active ?? backoff;
  }

  #due(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.entries.map((entry) => this.#dueAt(entry)));
  }

  #dueAt({ place, retryAt, failedAt }: ModelEntry): number {
    if (place === 'backoff') return retryAt;
    return place === 'unschedulable' ? failedAt + 20_000 : Number.POSITIVE_INFINITY;
  }

  #forget(entry: ModelEntry): void {
    this.entries = this.entries.filter((known) => known !== entry);
    this.#attempts = this.#attempts.filter((attempt) => attempt.entry !== entry);
  }

  #tell(): void {
    const ready = this.#next() !== undefined;
    if (ready && !this.#ready) this.told += 1;
    this.#ready = ready;
  }
}

/** What the filter of a plugin looks at. */
function sees(name: Name, spec: TaskSpec): string {
  return name === 'Sized' ? `${spec.size}` : JSON.stringify([spec.size, spec.zone, spec.gate]);
}

function wakes(name: Name, event: TaskSpec, spec: TaskSpec): boolean {
  const value = event[FIELDS[name]];
  return value === 'boom' || (value !== undefined && value === spec[FIELDS[name]]);
}
