import { define, type JsonObject } from '../../core/index.js';
import { memberOf } from '../json-object.js';

/** An object on its way to another: copied at the first change only. */
export class ObjectDraft {
  readonly #source: JsonObject;
  /** Once there is a copy, it is ours alone, and what counts. */
  #copy: Record<string, unknown> | undefined;

  constructor(source: JsonObject) {
    this.#source = source;
  }

  /** The object as it is now: the source itself where nothing changed. */
  get object(): JsonObject {
    return this.#copy ?? this.#source;
  }

  get(name: string): unknown {
    return memberOf(this.object, name);
  }

  set(name: string, value: unknown): void {
    if (value === this.get(name) && value !== undefined) return;
    define((this.#copy ??= { ...this.#source }), name, value);
  }

  delete(name: string): void {
    if (this.get(name) === undefined) return;
    Reflect.deleteProperty((this.#copy ??= { ...this.#source }), name);
  }
}
