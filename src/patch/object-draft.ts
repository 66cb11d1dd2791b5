import { define, type JsonObject } from '../core/index.js';
import { memberOf } from './json-object.js';

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

  /** Sets a member; undefined deletes it. */
  set(name: string, value: unknown): void {
    if (value === this.get(name)) return;
    this.#copy ??= { ...this.#source };
    if (value === undefined) Reflect.deleteProperty(this.#copy, name);
    else define(this.#copy, name, value);
  }
}
