import { type ApiError, frozenCopy, jsonEqual, MAX_DEPTH, preview } from '../../core/index.js';
import { type Container, editContainer } from './fast-json-patch.js';
import { failure } from '../failure.js';
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
  /** Holds what the steps so far made of the document, under the first token of every pointer: so the document is a place as any other. */
  readonly #holder: Record<string, unknown>;
  /** The containers made here: each is in at most one place of the document and nowhere else. No other container is ever written. */
  readonly #owned = new Set<unknown>();
  /** What the copies so far added, in bytes of JSON. */
  #copiedBytes = 0;
  /** True once a move put something below a place that is deeper than where it was. */
  #movedDown = false;
  /** Names the step at hand, for errors. */
  #nameStep = (): string => 'patch';

  constructor(document: unknown) {
    this.#holder = { '': document };
  }

  /**
   * Applies the step at `index` of its patch.
   *
   * @throws ApiError Invalid where it does not apply; the document is useless then.
   */
  apply({ op, path, from, value }: JsonPatchStep, index: number): void {
    this.#nameStep = () => `patch[${index}]: ${op} ${show(path)}`;
    if (op === 'test') {
      // an absent member equals null; source: evanphx/json-patch
      if (!jsonEqual(this.#find(path) ?? null, value)) {
        throw this.#invalid(`expected ${preview(value)}, found another value`);
      }
    } else if (op === 'move') {
      this.#move(from, path);
    } else if (op === 'copy') {
      this.#edit('add', path, this.#copyOf(from, path));
    } else {
      this.#checkDepth(path, value);
      this.#edit(op, path, value);
    }
  }

  /**
   * The document after all steps.
   *
   * @throws ApiError Invalid where it is nested too deep.
   */
  finish(): unknown {
    const document = this.#holder[''];
    this.#nameStep = () => 'patch';
    if (this.#movedDown) this.#checkDepth([''], document);
    return document;
  }

  /** Changes one place. */
  #edit(op: 'add' | 'replace' | 'remove', path: Path, value?: unknown): void {
    const key = path.at(-1) as string;
    if (op !== 'add') this.#get(path);
    if (op === 'remove' && path.length === 1) {
      throw this.#invalid('expected a part of the document');
    }
    const container = this.#containerOf(path, true);
    if (op === 'add' && Array.isArray(container)) {
      const { length } = container;
      if (key !== '-' && !((parseArrayIndex(key) ?? Infinity) <= length)) {
        throw this.#invalid(`expected "-" or an index up to ${length}, got ${preview(key)}`);
      }
    }
    editContainer(container, op, key, value);
  }

  #move(from: Path, path: Path): void {
    const value = this.#get(from);
    if (from.every((token, position) => token === path[position])) {
      if (from.length === path.length) return;
      throw this.#invalid(`expected a path that is not inside of "from", ${show(from)}`);
    }
    if (path.length > from.length) this.#movedDown = true;
    this.#edit('remove', from);
    this.#edit('add', path, value);
  }

  #copyOf(from: Path, path: Path): unknown {
    const value = this.#get(from);
    this.#checkDepth(path, value);
    this.#copiedBytes += Buffer.byteLength(JSON.stringify(value));
    if (this.#copiedBytes > MAX_COPIED_BYTES) {
      throw this.#invalid(`expected copies of at most ${MAX_COPIED_BYTES} bytes`);
    }
    return frozenCopy(value, 'document');
  }

  /** What is at a path, where there must be something. */
  #get(path: Path): unknown {
    const value = this.#find(path);
    if (value === undefined) throw this.#invalid(`there is nothing at ${show(path)}`);
    return value;
  }

  /** What is at a path; undefined for an absent member of an object that exists. */
  #find(path: Path): unknown {
    return this.#partOf(this.#containerOf(path), path.at(-1) as string);
  }

  /** The container of the place that a path leads to; with `own`, it and those above it become our own. */
  #containerOf(path: Path, own = false): Container {
    let container: Container = this.#holder;
    for (const [position, key] of path.slice(0, -1).entries()) {
      let part = this.#partOf(container, key);
      if (!Array.isArray(part) && !isJsonObject(part)) {
        throw this.#invalid(`there is no object or array at ${show(path.slice(0, position + 1))}`);
      }
      if (own && !this.#owned.has(part)) {
        part = Array.isArray(part) ? [...(part as unknown[])] : { ...part };
        this.#owned.add(part);
        (container as Record<string, unknown>)[key] = part;
      }
      container = part as Container;
    }
    return container;
  }

  #partOf(container: Container, key: string): unknown {
    if (!Array.isArray(container)) return memberOf(container, key);
    const index = parseArrayIndex(key);
    if (index !== undefined && index < container.length) return container[index];
    throw this.#invalid(`expected an index below ${container.length}, got ${preview(key)}`);
  }

  #checkDepth(path: Path, value: unknown): void {
    if (isDeeperThan(MAX_DEPTH + 1 - path.length, value)) {
      throw this.#invalid(`expected a result of at most ${MAX_DEPTH} levels`);
    }
  }

  #invalid(message: string): ApiError {
    return failure('Invalid', `${this.#nameStep()}: ${message}`);
  }
}

function show(path: Path): string {
  return preview(formatJsonPointer(path));
}
