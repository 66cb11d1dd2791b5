import type { Guard } from '../client/index.js';
import { ApiError, preview } from '../core/index.js';
import type { EventLog } from './event-log.js';
import { checkGuards } from './guards.js';
import type { Kind } from './kind.js';
import type { Kinds } from './kinds.js';
import { compareNamespaces, type Slot } from './object-table.js';
import type { State, Write } from './state.js';
import { seal, type StoredObject, type UnsealedObject } from './stored-object.js';
import type { WriteTarget } from './write-target.js';

/** An object that an attempt has read or written. */
export interface Touched {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  /** Where it was in the store, and what was there, when it was first touched; undefined for nothing. */
  readonly base: Slot | undefined;
  readonly was: StoredObject | undefined;
  /** What it is in the attempt; undefined where it is not there. */
  slot: Slot | undefined;
  isWritten: boolean;
  /** What the commit stores, as long as nobody has seen it: then it need not be copied. */
  next: UnsealedObject | undefined;
  /** What the commit made of it, or as it was last where it went; undefined before that. */
  result: StoredObject | undefined;
}

/** An object that a guard is about, as it was when that was checked; undefined for nothing. */
interface Guarded {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  readonly was: StoredObject | undefined;
}

/** Up to so many objects are found by looking at all of them. */
const FEW = 8;

const NONE: ReadonlyMap<Kind, number> = /* @__PURE__ */ new Map();

/**
 * The store as one attempt at writing sees it: what it wrote itself, over what was there when it first looked.
 *
 * Nothing reaches the store before somebody commits the attempt, which stands only as long as {@link isCurrent}. An object that the
 * attempt wrote keeps the resourceVersion that it had; a new one has that of the store when the attempt began, which is not its own.
 */
export class Attempt implements WriteTarget {
  readonly #kinds: Kinds;
  readonly #state: State;
  readonly #began: number;
  // in the order in which they were touched, each once
  #touched: Touched[] = [];
  // the same by kind and key, once they are many
  #index: Map<Kind, Map<string, Touched>> | undefined;
  // the kinds of which a list was read, with the revision of their last change then; undefined until there is one
  #listed: Map<Kind, number> | undefined;
  readonly #guards: Guard[] = [];
  // what the guards, those among them that do not hold, were checked on
  readonly #guarded: Guarded[] = [];

  constructor(kinds: Kinds, state: State) {
    this.#kinds = kinds;
    this.#state = state;
    this.#began = state.revision;
  }

  get revision(): number {
    return this.#state.revision;
  }

  get log(): EventLog {
    return this.#state.log;
  }

  get aside(): WriteTarget {
    return this;
  }

  /** What must hold beside what was read. */
  get guards(): readonly Guard[] {
    return this.#guards;
  }

  /** The kinds of which a list was read, with the revision of their last change then. */
  get listed(): ReadonlyMap<Kind, number> {
    return this.#listed ?? NONE;
  }

  find(kind: Kind, namespace: string, name: string): Slot | undefined {
    return this.#touch(kind, namespace, name).slot;
  }

  ordered(kind: Kind, namespace: string | undefined): readonly Slot[] {
    this.#listed ??= new Map();
    if (!this.#listed.has(kind)) this.#listed.set(kind, kind.lastRevision);
    const there = kind.table.ordered(namespace);
    if (!this.#touched.some((entry) => entry.kind === kind)) return there;
    const slots = there.filter((slot) => this.#find(kind, slot.namespace, slot.name) === undefined);
    for (const entry of this.#touched) {
      if (entry.kind !== kind || entry.slot === undefined) continue;
      if (namespace === undefined || entry.namespace === namespace) slots.push(entry.slot);
    }
    return slots.sort((a, b) => compareNamespaces(a.namespace, b.namespace) || (a.name < b.name ? -1 : 1));
  }

  isEmpty(kind: Kind, namespace: string): boolean {
    return this.ordered(kind, namespace).length === 0;
  }

  holds(guards: readonly Guard[]): void {
    for (const guard of guards) {
      const kind = this.#kinds.find(guard);
      if (kind === undefined) continue;
      const { name, namespace = '' } = guard;
      this.#guarded.push({ kind, namespace, name, was: kind.table.get(namespace, name)?.object });
    }
    checkGuards(guards, this.#kinds);
    this.#guards.push(...guards);
  }

  commit(write: Write): StoredObject {
    const entry = this.#write(write);
    if (write.next === undefined) {
      const last = (entry.slot as Slot).object;
      entry.slot = undefined;
      return last;
    }
    const object = seal(write.next, entry.slot?.object.metadata.resourceVersion ?? String(this.#began));
    entry.slot = { namespace: entry.namespace, name: entry.name, object };
    entry.next = undefined;
    return object;
  }

  /** Writes what nobody will read here: the last write before the attempt is committed. */
  end(write: Write): Touched {
    const entry = this.#write(write);
    entry.next = write.next;
    entry.slot =
      write.next === undefined
        ? undefined
        : { namespace: entry.namespace, name: entry.name, object: write.next };
    return entry;
  }

  /** Whether everything that the attempt read is still so. */
  isCurrent(): boolean {
    for (const [kind, revision] of this.listed) if (kind.lastRevision !== revision) return false;
    for (const { kind, namespace, name, base, was } of this.#touched) {
      const slot = kind.table.get(namespace, name);
      if (slot !== base || slot?.object !== was) return false;
    }
    return true;
  }

  /** Whether everything that the attempt read, or by which it was guarded, is still so. */
  isUnchanged(): boolean {
    return (
      this.isCurrent() &&
      this.#guarded.every(({ kind, namespace, name, was }) => kind.table.get(namespace, name)?.object === was)
    );
  }

  /** The kinds that the attempt has looked at. */
  kinds(): ReadonlySet<Kind> {
    return new Set([
      ...this.#touched.map(({ kind }) => kind),
      ...this.listed.keys(),
      ...this.#guarded.map(({ kind }) => kind),
    ]);
  }

  /** What the attempt read or wrote, in that order. */
  get touched(): readonly Touched[] {
    return this.#touched;
  }

  /** What the attempt changes; what came and went within it is nothing to the store. */
  changed(): readonly Touched[] {
    return this.#touched.every(isChange) ? this.#touched : this.#touched.filter(isChange);
  }

  #write({ kind, slot, next }: Write): Touched {
    const { namespace = '', name } = next === undefined ? slot : next.metadata;
    const entry = this.#touch(kind, namespace, name);
    if (next !== undefined && entry.slot === undefined && entry.base !== undefined) {
      throw ApiError.badRequest(
        `expected a transaction to delete ${kind.resource.kind} ${preview(name)} or to create it, got both`,
      );
    }
    entry.isWritten = true;
    return entry;
  }

  #touch(kind: Kind, namespace: string, name: string): Touched {
    const known = this.#find(kind, namespace, name);
    if (known !== undefined) return known;
    const base = kind.table.get(namespace, name);
    const slot = base === undefined ? undefined : { namespace, name, object: base.object };
    const entry: Touched = {
      kind,
      namespace,
      name,
      base,
      was: base?.object,
      slot,
      isWritten: false,
      next: undefined,
      result: undefined,
    };
    // a literal has its size from the start; most attempts touch nothing else
    if (this.#touched.length === 0) this.#touched = [entry];
    else this.#touched.push(entry);
    if (this.#index !== undefined) this.#enter(this.#index, entry);
    return entry;
  }

  #find(kind: Kind, namespace: string, name: string): Touched | undefined {
    if (this.#touched.length > FEW && this.#index === undefined) {
      this.#index = new Map();
      for (const entry of this.#touched) this.#enter(this.#index, entry);
    }
    if (this.#index !== undefined) return this.#index.get(kind)?.get(keyOf(namespace, name));
    for (const entry of this.#touched)
      if (entry.name === name && entry.namespace === namespace && entry.kind === kind) return entry;
    return undefined;
  }

  #enter(index: Map<Kind, Map<string, Touched>>, entry: Touched): void {
    const entries = index.get(entry.kind);
    const key = keyOf(entry.namespace, entry.name);
    if (entries === undefined) index.set(entry.kind, new Map([[key, entry]]));
    else entries.set(key, entry);
  }
}

function isChange({ isWritten, base, slot }: Touched): boolean {
  return isWritten && (base !== undefined || slot !== undefined);
}

/** What the commit stores; undefined for what goes. */
export function nextOf({ slot, next }: Touched): UnsealedObject | undefined {
  if (slot === undefined) return undefined;
  return next ?? { ...slot.object, metadata: { ...slot.object.metadata } };
}

/** The write that makes what an attempt changed happen in the store. */
export function writeOf(touched: Touched): Write {
  const { kind, base } = touched;
  const next = nextOf(touched);
  if (next === undefined) return { kind, slot: base as Slot, next };
  return base === undefined ? { kind, slot: undefined, next } : { kind, slot: base, next };
}

function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}
