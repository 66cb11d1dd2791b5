import { ApiError, frozenCopy, jsonEqual, MAX_DEPTH, preview } from '../../core/index.js';
import type { Container, EditContainer } from './edit-container.js';
import { isDeeperThan } from './is-deeper-than.js';
import { isJsonObject, memberOf } from '../json-object.js';
import type { JsonPatchStep } from './json-patch-operation.js';
import { formatJsonPointer, parseArrayIndex } from './json-pointer.js';

/** The tokens of a pointer: see `parseJsonPointer`. */
type Path = readonly string[];

/** How much the copies of one patch may add up to, in bytes of JSON. Source: `JSONPatchMaxCopyBytes` in k8s.io/apiserver. */
const MAX_COPIED_BYTES = 3 * 1024 * 1024;

/** A document on its way through a JSON patch. What it was made from never changes, and shares with the result what no step touched. */
export class JsonPatchDocument {
  readonly #edit: EditContainer;
  /** Holds what the steps so far made of the document, under the first token of every pointer: so the document is a place as any other. */
  readonly #holder: Record<string, unknown>;
  /** The containers made here: each is in at most one place of the document and nowhere else. No other container is ever written. */
  readonly #owned = new Set<object>();
  /** What the copies so far added, in bytes of JSON. */
  #copiedBytes = 0;
  /** True once a move put something below a place that is deeper than where it was. */
  #movedDown = false;

  constructor(document: unknown, edit: EditContainer) {
    this.#holder = { '': document };
    this.#edit = edit;
  }

  /**
   * Applies the step at `index` of its patch.
   *
   * @throws ApiError Invalid where it does not apply; the document is useless then.
   */
  apply(step: JsonPatchStep, index: number): void {
    try {
      this.#apply(step);
    } catch (error) {
      if (!(error instanceof Inapplicable)) throw error;
      throw invalid(`patch[${index}]: ${step.op} ${show(step.path)}: ${error.message}`);
    }
  }

  /**
   * The document after all steps.
   *
   * @throws ApiError Invalid where it is nested too deep.
   */
  finish(): unknown {
    const document = this.#holder[''];
    if (this.#movedDown && isDeeperThan(MAX_DEPTH, document)) {
      throw invalid(`patch: expected a result of at most ${MAX_DEPTH} levels`);
    }
    return document;
  }

  #apply(step: JsonPatchStep): void {
    const { op, path, from, value } = step;
    switch (op) {
      case 'add':
        checkDepth(path, value);
        this.#add(path, value);
        break;
      case 'remove':
        this.#remove(path);
        break;
      case 'replace':
        checkDepth(path, value);
        this.#replace(path, value);
        break;
      case 'move':
        this.#move(from, path);
        break;
      case 'copy':
        this.#copy(from, path);
        break;
      case 'test':
        // an absent member equals null; source: evanphx/json-patch
        if (!jsonEqual(this.#find(path) ?? null, value)) {
          throw new Inapplicable(`expected ${preview(value)}, found another value`);
        }
        break;
    }
  }

  #add(path: Path, value: unknown): void {
    const key = path.at(-1) as string;
    const container = this.#ownContainerOf(path);
    let place = key;
    if (Array.isArray(container)) {
      const index = key === '-' ? container.length : parseArrayIndex(key);
      if (index === undefined || index > container.length) {
        throw new Inapplicable(`expected "-" or an index up to ${container.length}, got ${preview(key)}`);
      }
      place = String(index);
    }
    this.#edit(container, 'add', place, value);
  }

  #remove(path: Path): void {
    this.#get(path);
    if (path.length === 1) throw new Inapplicable('expected a part of the document, got the whole');
    this.#edit(this.#ownContainerOf(path), 'remove', path.at(-1) as string);
  }

  #replace(path: Path, value: unknown): void {
    this.#get(path);
    this.#edit(this.#ownContainerOf(path), 'replace', path.at(-1) as string, value);
  }

  #move(from: Path, path: Path): void {
    const value = this.#get(from);
    if (from.every((token, position) => token === path[position])) {
      if (from.length === path.length) return;
      throw new Inapplicable(`expected a path that is not inside of "from", ${show(from)}`);
    }
    if (path.length > from.length) this.#movedDown = true;
    this.#remove(from);
    this.#add(path, value);
  }

  #copy(from: Path, path: Path): void {
    const value = this.#get(from);
    checkDepth(path, value);
    this.#copiedBytes += Buffer.byteLength(JSON.stringify(value));
    if (this.#copiedBytes > MAX_COPIED_BYTES) {
      throw new Inapplicable(`expected the copies of one patch to be at most ${MAX_COPIED_BYTES} bytes`);
    }
    this.#add(path, frozenCopy(value, 'document'));
  }

  /** What is at a path, where there must be something. */
  #get(path: Path): unknown {
    const value = this.#find(path);
    if (value === undefined) throw new Inapplicable(`there is nothing at ${show(path)}`);
    return value;
  }

  /** What is at a path; undefined for an absent member of an object that exists. */
  #find(path: Path): unknown {
    let value: unknown = this.#holder;
    for (const [position, key] of path.entries()) {
      if (Array.isArray(value)) value = elementOf(value, key);
      else if (isJsonObject(value)) value = memberOf(value, key);
      else throw new Inapplicable(`there is no object or array at ${show(path.slice(0, position))}`);
    }
    return value;
  }

  /** The container of the place that a path leads to; it and those above it become our own. */
  #ownContainerOf(path: Path): Container {
    const above = path.slice(0, -1);
    const value = this.#find(above);
    if (!Array.isArray(value) && !isJsonObject(value)) {
      throw new Inapplicable(`there is no object or array at ${show(above)}`);
    }
    let container: Container = this.#holder;
    for (const key of above) {
      const places = container as Record<string, Container>;
      container = this.#own(places[key] as Container);
      places[key] = container;
    }
    return container;
  }

  #own(container: Container): Container {
    if (this.#owned.has(container)) return container;
    const copy = Array.isArray(container) ? [...container] : { ...container };
    this.#owned.add(copy);
    return copy;
  }
}

/** A step does not apply, and why. */
class Inapplicable extends Error {}

function elementOf(array: readonly unknown[], key: string): unknown {
  const index = parseArrayIndex(key);
  if (index === undefined || index >= array.length) {
    throw new Inapplicable(`expected an index below ${array.length}, got ${preview(key)}`);
  }
  return array[index];
}

function checkDepth(path: Path, value: unknown): void {
  if (isDeeperThan(MAX_DEPTH + 1 - path.length, value)) {
    throw new Inapplicable(`expected a result of at most ${MAX_DEPTH} levels`);
  }
}

function show(path: Path): string {
  return preview(formatJsonPointer(path));
}

function invalid(message: string): ApiError {
  return new ApiError({ reason: 'Invalid', message });
}
