/** An object of the model: what a writer gives, and what the system adds. */
export interface ModelObject {
  readonly namespace: string;
  readonly name: string;
  readonly label: string;
  readonly value: number;
  readonly held: boolean;
  readonly dying: boolean;
  readonly generation: number;
  readonly revision: number;
}

/** Which objects somebody asks for. */
export interface ModelSelection {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly label?: string | undefined;
}

export interface ModelEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: ModelObject;
}

interface Entry {
  readonly revision: number;
  readonly before: ModelObject | undefined;
  readonly after: ModelObject | undefined;
}

export type Reason = 'NotFound' | 'AlreadyExists' | 'Conflict';

/** What the store promises, without any of its machinery: all there ever was, in one list. */
export class StoreModel {
  revision = 1;
  readonly log: Entry[] = [];
  readonly #objects = new Map<string, ModelObject>();

  get(namespace: string, name: string): ModelObject | undefined {
    return this.#objects.get(`${namespace}/${name}`);
  }

  create(given: Pick<ModelObject, 'namespace' | 'name' | 'label' | 'value' | 'held'>): ModelObject | Reason {
    if (this.get(given.namespace, given.name) !== undefined) return 'AlreadyExists';
    const { namespace, name, label, value, held } = given;
    const fresh = { dying: false, generation: 1, revision: 0 };
    return this.#write({ namespace, name, label, value, held, ...fresh }, undefined);
  }

  /** @param seen - The revision that the writer knows; undefined where any will do. */
  change(
    key: { readonly namespace: string; readonly name: string },
    fields: { readonly label?: string; readonly value?: number; readonly held?: false },
    seen?: number,
  ): ModelObject | Reason {
    const before = this.get(key.namespace, key.name);
    if (before === undefined) return 'NotFound';
    if (seen !== undefined && seen !== before.revision) return 'Conflict';
    const after = { ...before, ...fields };
    if (JSON.stringify(after) === JSON.stringify(before)) return before;
    const next = { ...after, generation: before.generation + (after.value === before.value ? 0 : 1) };
    // the change that lets go of a dying object answers with the revision before
    return before.dying && before.held && !next.held ? this.#remove(before, next) : this.#write(next, before);
  }

  delete(key: { readonly namespace: string; readonly name: string }): ModelObject | Reason {
    const before = this.get(key.namespace, key.name);
    if (before === undefined) return 'NotFound';
    if (!before.held) return { ...this.#remove(before, before), revision: this.revision };
    if (before.dying) return before;
    return this.#write({ ...before, dying: true, generation: before.generation + 1 }, before);
  }

  /** The objects of a selection as they were at a revision, in the order of their keys. */
  list(selection: ModelSelection, revision: number = this.revision): ModelObject[] {
    const objects = new Map<string, ModelObject>();
    for (const { after, before, revision: at } of this.log) {
      if (at > revision) break;
      const { namespace, name } = (after ?? before) as ModelObject;
      if (after === undefined) objects.delete(`${namespace}/${name}`);
      else objects.set(`${namespace}/${name}`, after);
    }
    const keys = [...objects.keys()].sort((a, b) => (a < b ? -1 : 1));
    return keys.map((key) => objects.get(key) as ModelObject).filter((object) => matches(selection, object));
  }

  /** What a watch of a selection tells of the changes behind a revision. */
  events(selection: ModelSelection, after: number): ModelEvent[] {
    return this.log
      .filter(({ revision }) => revision > after)
      .flatMap((entry): ModelEvent[] => {
        const was = entry.before !== undefined && matches(selection, entry.before);
        const is = entry.after !== undefined && matches(selection, entry.after);
        if (is) return [{ type: was ? 'MODIFIED' : 'ADDED', object: entry.after }];
        if (!was) return [];
        return [{ type: 'DELETED', object: { ...entry.before, revision: entry.revision } }];
      });
  }

  #write(object: ModelObject, before: ModelObject | undefined): ModelObject {
    this.revision += 1;
    const after = { ...object, revision: this.revision };
    this.#objects.set(`${after.namespace}/${after.name}`, after);
    this.log.push({ revision: this.revision, before, after });
    return after;
  }

  /** Watches are told of the last state that was stored, and the caller of the one that was wanted. */
  #remove(before: ModelObject, answer: ModelObject): ModelObject {
    this.revision += 1;
    this.#objects.delete(`${before.namespace}/${before.name}`);
    this.log.push({ revision: this.revision, before, after: undefined });
    return answer;
  }
}

export function matches({ namespace, name, label }: ModelSelection, object: ModelObject): boolean {
  return (
    (namespace === undefined || namespace === object.namespace) &&
    (name === undefined || name === object.name) &&
    (label === undefined || label === object.label)
  );
}
