import type { Client, Guard, ListOptions, ObjectList } from '../client/index.js';
import { ApiError, type Executor, type Lane, preview } from '../core/index.js';
import type { AnyResource } from '../resources/index.js';
import type { EventLog } from './event-log.js';
import { checkGuards } from './guards.js';
import type { Kind } from './kind.js';
import type { Kinds } from './kinds.js';
import { compareNamespaces, type Slot } from './object-table.js';
import type { Registry } from './registry.js';
import { selectionOf } from './selection.js';
import type { State, Write } from './state.js';
import { seal, type StoredObject } from './stored-object.js';
import { tell } from './store-target.js';
import type { WriteRule } from './write-rule.js';
import type { WriteTarget } from './write-target.js';

/** The verbs of a {@link Client}, on the state that a transaction sees. */
export type Transaction = Pick<Client, 'get' | 'list' | 'create' | 'update' | 'patch' | 'apply' | 'delete'>;

/** An object that a transaction has read or written. */
interface Touched {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  /** Where it was in the store, and what was there, when it was first touched; undefined for nothing. */
  readonly base: Slot | undefined;
  readonly was: StoredObject | undefined;
  /** What it is in the transaction; undefined where it is not there. */
  slot: Slot | undefined;
  isWritten: boolean;
}

/**
 * The store as a transaction sees it: what it wrote itself, over what was there when it first looked.
 *
 * Nothing reaches the store before {@link commitAll}. An object that the transaction wrote keeps the resourceVersion that it had; a new one
 * has that of the store when the transaction began, which is not its own.
 */
export class TransactionTarget implements WriteTarget {
  readonly #kinds: Kinds;
  readonly #state: State;
  readonly #began: string;
  readonly #touched = new Map<Kind, Map<string, Touched>>();
  // the kinds of which a list was read, with the revision of their last change then
  readonly #listed = new Map<Kind, number>();
  readonly #guards: Guard[] = [];

  constructor(kinds: Kinds, state: State) {
    this.#kinds = kinds;
    this.#state = state;
    this.#began = String(state.revision);
  }

  get revision(): number {
    return this.#state.revision;
  }

  get log(): EventLog {
    return this.#state.log;
  }

  find(kind: Kind, namespace: string, name: string): Slot | undefined {
    return this.#touch(kind, namespace, name).slot;
  }

  ordered(kind: Kind, namespace: string | undefined): readonly Slot[] {
    if (!this.#listed.has(kind)) this.#listed.set(kind, kind.lastRevision);
    const touched = this.#touched.get(kind);
    const slots = kind.table
      .ordered(namespace)
      .filter((slot) => touched?.get(keyOf(slot.namespace, slot.name)) === undefined);
    for (const entry of touched?.values() ?? []) {
      if (entry.slot !== undefined && (namespace === undefined || entry.namespace === namespace))
        slots.push(entry.slot);
    }
    return slots.sort((a, b) => compareNamespaces(a.namespace, b.namespace) || (a.name < b.name ? -1 : 1));
  }

  isEmpty(kind: Kind, namespace: string): boolean {
    return this.ordered(kind, namespace).length === 0;
  }

  holds(guards: readonly Guard[]): void {
    checkGuards(guards, this.#kinds);
    this.#guards.push(...guards);
  }

  commit(write: Write): StoredObject {
    const { namespace = '', name } = write.next === undefined ? write.slot : write.next.metadata;
    const entry = this.#touch(write.kind, namespace, name);
    if (write.next === undefined) {
      const last = (entry.slot as Slot).object;
      entry.slot = undefined;
      entry.isWritten = true;
      return last;
    }
    if (entry.slot === undefined && entry.base !== undefined) {
      throw ApiError.badRequest(
        `expected a transaction to delete ${write.kind.resource.kind} ${preview(name)} or to create it, got both`,
      );
    }
    const object = seal(write.next, entry.slot?.object.metadata.resourceVersion ?? this.#began);
    entry.slot = { namespace, name, object };
    entry.isWritten = true;
    return object;
  }

  /** Whether everything that the transaction read is still so. */
  isCurrent(): boolean {
    for (const [kind, revision] of this.#listed) if (kind.lastRevision !== revision) return false;
    for (const entries of this.#touched.values()) {
      for (const { kind, namespace, name, base, was } of entries.values()) {
        const slot = kind.table.get(namespace, name);
        if (slot !== base || slot?.object !== was) return false;
      }
    }
    return true;
  }

  /**
   * Makes all that was written happen at once, at one revision; nothing may have changed since {@link isCurrent}.
   *
   * @throws ApiError Conflict where a guard does not hold.
   */
  commitAll(rules: readonly WriteRule[]): void {
    checkGuards(this.#guards, this.#kinds);
    const changed = [...this.#touched.values()]
      .flatMap((entries) => [...entries.values()])
      // what came and went within the transaction is nothing to the store
      .filter(({ isWritten, base, slot }) => isWritten && (base !== undefined || slot !== undefined));
    if (changed.length === 0) return;
    const writes = changed.map(writeOf);
    this.#state.commit(writes).forEach((object, index) => {
      tell(rules, writes[index] as Write, changed[index]?.was, object);
    });
  }

  #touch(kind: Kind, namespace: string, name: string): Touched {
    let entries = this.#touched.get(kind);
    if (entries === undefined) {
      entries = new Map();
      this.#touched.set(kind, entries);
    }
    const key = keyOf(namespace, name);
    let entry = entries.get(key);
    if (entry === undefined) {
      const base = kind.table.get(namespace, name);
      const slot = base === undefined ? undefined : { namespace, name, object: base.object };
      entry = { kind, namespace, name, base, was: base?.object, slot, isWritten: false };
      entries.set(key, entry);
    }
    return entry;
  }
}

function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

function writeOf({ kind, base, slot }: Touched): Write {
  if (slot === undefined) return { kind, slot: base as Slot, next: undefined };
  const next = { ...slot.object, metadata: { ...slot.object.metadata } };
  return base === undefined ? { kind, slot: undefined, next } : { kind, slot: base, next };
}

const LANE: Lane = /* @__PURE__ */ Object.freeze({ kind: 'answer', name: 'transaction' });

/** The verbs of a transaction. `checkOpen` is asked before each. */
export function transactionClient(parts: {
  readonly kinds: Kinds;
  readonly executor: Executor;
  readonly target: TransactionTarget;
  readonly registry: Registry;
  readonly checkOpen: () => void;
}): Transaction {
  const { kinds, executor, target, registry, checkOpen } = parts;
  const answer = (work: () => unknown): Promise<never> =>
    executor.answer(LANE, () => {
      checkOpen();
      return work() as never;
    });
  return Object.freeze<Transaction>({
    get: (resource, key) => answer(() => registry.get(resource, key)),
    list: (resource, options) => answer(() => listIn(kinds, target, resource, options)),
    create: (resource, object, options) => answer(() => registry.create(resource, object, options)),
    update: (resource, object, options) => answer(() => registry.update(resource, object, options)),
    patch: (resource, key, patch, options) => answer(() => registry.patch(resource, key, patch, options)),
    apply: (resource, object, options) => answer(() => registry.apply(resource, object, options)),
    delete: (resource, key, options) => answer(() => registry.delete(resource, key, options)),
  });
}

function listIn(
  kinds: Kinds,
  target: TransactionTarget,
  resource: AnyResource,
  options: ListOptions = {},
): ObjectList<StoredObject> {
  for (const option of ['limit', 'continue', 'resourceVersion', 'resourceVersionMatch'] as const) {
    if (options[option] !== undefined) {
      throw ApiError.badRequest(
        `expected none in a transaction, which lists what it sees, got ${preview(options[option])}`,
        option,
      );
    }
  }
  const kind = kinds.of(resource);
  const { namespace, matches } = selectionOf(kind.resource, options);
  const items = target.ordered(kind, namespace).map(({ object }) => object);
  return {
    items: matches === undefined ? items : items.filter(matches),
    resourceVersion: String(target.revision),
  };
}
