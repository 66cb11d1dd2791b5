import { FieldError } from './field-error.js';
import { preview } from './preview.js';

/** A JSON object whose fields nobody has looked at yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** How deep a value may nest: far below where recursion would overflow the stack. */
export const MAX_DEPTH = 1_000;

/** How long a value may be as JSON text, more or less: 3 MiB, as a request to Kubernetes. */
export const MAX_SIZE: number = 3 * 1024 * 1024;

/** A value is not JSON: which field, what it is, and what was expected. */
export class NotJsonError extends TypeError {
  readonly field: FieldError;
  /** The value may be JSON, and is too long. */
  readonly isTooLarge: boolean;

  constructor(field: FieldError, cause?: unknown, isTooLarge = false) {
    super(field.toString(), cause === undefined ? undefined : { cause });
    this.name = 'NotJsonError';
    this.field = field;
    this.isTooLarge = isTooLarge;
  }
}

/** The names that every object inherits: to assign to one calls a setter (`__proto__`), or fails where Object.prototype is frozen. */
const INHERITED: ReadonlySet<string> = /* @__PURE__ */ new Set(Object.getOwnPropertyNames(Object.prototype));

/** Thrown inside the fast walkers; {@link locate} finds out where and why. */
const NOT_JSON = Symbol('not JSON');
const TOO_LARGE = Symbol('too large');

/** How much may be copied: one for all copies that share what is left. */
export interface CopyBounds {
  /** How many characters in all, more or less; {@link MAX_SIZE} at most. */
  readonly size: number;
  /** How many levels; {@link MAX_DEPTH} at most. */
  readonly depth: number;
  /** How many characters are left. */
  room: number;
}

/** What is left to the copy that runs. A getter may copy something else in the middle of a copy, which then goes on with its own. */
let room = 0;
/** How deep the copy that runs may go. */
let levels = 0;

/**
 * A private, deeply frozen copy of a JSON value.
 *
 * Properties that are undefined are left out, as JSON leaves them out; every other own enumerable property is kept, `__proto__`
 * included. With `previous`, every part that equals the part of `previous` at the same place is that very part, so that a copy equal
 * to `previous` is `previous` itself. Only a deeply frozen value may be passed as `previous`.
 *
 * @param path - Where the value stands, for errors, as in `spec`.
 * @param bounds - What is copied is taken off its room, and so is the path, as the key that it is; what is `previous` itself is not.
 * 3 MiB and 1,000 levels unless given.
 * @throws NotJsonError for a function, symbol, bigint, NaN, Infinity, instance of a class, undefined in an array, a getter that
 * throws, more levels than the bounds allow (as a cycle has), or more characters.
 */
export function frozenCopy(value: unknown, path: string, previous?: unknown, bounds?: CopyBounds): unknown {
  const outerRoom = room;
  const outerLevels = levels;
  room = bounds === undefined ? MAX_SIZE : bounds.room;
  levels = bounds === undefined ? MAX_DEPTH : bounds.depth;
  try {
    if (bounds === undefined) return copy(value, previous, 0);
    take(path.length + 4);
    const result = copy(value, previous, 0);
    bounds.room = room;
    return result;
  } catch (error) {
    if (error === TOO_LARGE) {
      const expected = `expected at most ${bounds === undefined ? MAX_SIZE : bounds.size} characters`;
      throw new NotJsonError(FieldError.tooLong(path, undefined, expected), undefined, true);
    }
    throw new NotJsonError(locate(value, path, levels), error === NOT_JSON ? undefined : error);
  } finally {
    room = outerRoom;
    levels = outerLevels;
  }
}

function copy(value: unknown, previous: unknown, depth: number): unknown {
  if (typeof value === 'string') {
    take(value.length + 2);
    return value;
  }
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw NOT_JSON;
    return value === 0 ? 0 : value;
  }
  if (value === null || (value === previous && value !== undefined)) return value;
  if (typeof value !== 'object' || depth >= levels) throw NOT_JSON;
  if (Array.isArray(value)) {
    return Array.isArray(previous) ? shareArray(value, previous, depth + 1) : copyArray(value, depth + 1);
  }
  if (!isPlain(value)) throw NOT_JSON;
  const old =
    typeof previous === 'object' && !Array.isArray(previous) ? (previous as JsonObject | null) : null;
  return old === null
    ? copyObject(value as JsonObject, depth + 1)
    : shareObject(value as JsonObject, old, depth + 1);
}

function take(size: number): void {
  room -= size;
  if (room < 0) throw TOO_LARGE;
}

function copyArray(value: readonly unknown[], depth: number): unknown {
  const length = lengthOf(value);
  take(length + 2);
  // a literal has its size from the start; most lists are that short
  if (length === 1) return Object.freeze([copy(value[0], undefined, depth)]);
  if (length === 2) {
    return Object.freeze([copy(value[0], undefined, depth), copy(value[1], undefined, depth)]);
  }
  // oxlint-disable-next-line unicorn/no-new-array -- a list that grows has room to spare, which is kept as long as the copy
  const result = new Array<unknown>(length);
  for (let index = 0; index < length; index += 1) result[index] = copy(value[index], undefined, depth);
  return Object.freeze(result);
}

function shareArray(value: readonly unknown[], previous: readonly unknown[], depth: number): unknown {
  const length = lengthOf(value);
  take(length + 2);
  // as long as everything equals, nothing is allocated
  let result: unknown[] | undefined;
  for (let index = 0; index < length; index += 1) {
    const old = index < previous.length ? previous[index] : undefined;
    const item = copy(value[index], old, depth);
    if (result === undefined && item !== old) result = previous.slice(0, index);
    result?.push(item);
  }
  if (result === undefined && length === previous.length) return previous;
  return Object.freeze(result ?? previous.slice(0, length));
}

/** The length of an array, which a proxy may say is anything. */
function lengthOf(value: readonly unknown[]): number {
  return value.length >>> 0;
}

function copyObject(value: JsonObject, depth: number): unknown {
  const result: Record<string, unknown> = {};
  for (const key in value) {
    if (!isOwn(value, key)) continue;
    const item = value[key];
    if (item === undefined) continue;
    take(key.length + 4);
    const part = copy(item, undefined, depth);
    if (INHERITED.has(key)) define(result, key, part);
    else result[key] = part;
  }
  return Object.freeze(result);
}

function shareObject(value: JsonObject, previous: JsonObject, depth: number): unknown {
  const keys = Object.keys(value);
  // as long as everything equals, nothing is allocated
  let result: Record<string, unknown> | undefined;
  let count = 0;
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index] as string;
    const item = value[key];
    if (item === undefined) continue;
    take(key.length + 4);
    const old = Object.hasOwn(previous, key) ? previous[key] : undefined;
    const part = copy(item, old, depth);
    if (result === undefined) {
      if (part === old) {
        count += 1;
        continue;
      }
      result = pick(previous, keys.slice(0, index), value);
    }
    define(result, key, part);
  }
  if (result !== undefined) return Object.freeze(result);
  // every key that is left equals the previous one
  if (Object.keys(previous).length === count) return previous;
  return Object.freeze(pick(previous, keys, value));
}

/** Those of these members that `value` has. */
function pick(object: JsonObject, keys: readonly string[], value: JsonObject): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const key of keys) if (value[key] !== undefined) define(result, key, object[key]);
  return result;
}

/** Sets an own property, whatever its name: `__proto__` too, and `toString` where Object.prototype is frozen. */
export function define(object: Record<string, unknown>, key: string, value: unknown): void {
  if (INHERITED.has(key)) {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    object[key] = value;
  }
}

/**
 * Whether a property is an object's own, as `Object.hasOwn` says.
 *
 * For the keys of a `for ... in` over that object: there the engine knows the answer, which it does not know of `Object.hasOwn`.
 */
export function isOwn(object: object, key: string): boolean {
  return Object.prototype.hasOwnProperty.call(object, key);
}

/** Whether an object is a plain one, as `JSON.parse` makes: not an instance of a class. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || isForeignPlain(prototype as object);
}

/** A plain object of another realm (a vm context, a test runner's sandbox) has another Object.prototype. */
function isForeignPlain(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
}

/** Finds what {@link copy} stumbled over, with its path. */
function locate(value: unknown, path: string, mostLevels: number): FieldError {
  let depth = 0;
  const walk = (item: unknown, at: string): FieldError | undefined => {
    if (typeof item === 'number' && !Number.isFinite(item)) {
      return FieldError.typeInvalid(at, item, 'expected a finite number');
    }
    if (item === null || ['string', 'boolean', 'number'].includes(typeof item)) return undefined;
    if (typeof item !== 'object')
      return FieldError.typeInvalid(at, item, `expected JSON, got ${preview(item)}`);
    if (depth >= mostLevels) {
      return FieldError.tooLong(shorten(at), undefined, `expected at most ${mostLevels} levels and no cycle`);
    }
    const isArray = Array.isArray(item);
    if (!isArray && !isPlain(item)) return FieldError.typeInvalid(at, item, 'expected JSON');
    depth += 1;
    // an array that lacks items has keys for them here
    for (const key of isArray ? item.keys() : Object.keys(item)) {
      const found = walkPart(item, key, typeof key === 'number' ? `${at}[${key}]` : joinPath(at, key));
      if (found !== undefined) return found;
    }
    depth -= 1;
    return undefined;
  };
  const walkPart = (whole: object, key: string | number, at: string): FieldError | undefined => {
    let part: unknown;
    try {
      part = (whole as Readonly<Record<string | number, unknown>>)[key];
    } catch (error) {
      return FieldError.typeInvalid(
        at,
        undefined,
        `expected JSON, got a getter that throws: ${preview(error)}`,
      );
    }
    return part === undefined && !Array.isArray(whole) ? undefined : walk(part, at);
  };
  return walk(value, path) ?? FieldError.typeInvalid(path, value, `expected JSON, got ${preview(value)}`);
}

function shorten(path: string): string {
  return path.length <= 200 ? path : `${path.slice(0, 200)}...`;
}

/** The path of a field inside another: `spec` and `image` make `spec.image`, `data` and `a.b` make `data[a.b]`. */
export function joinPath(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** Whether two JSON values are equal, whatever the order of their keys. */
export function jsonEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => jsonEqual(item, b[index]));
  }
  if (Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every(
    (key) => Object.hasOwn(b, key) && jsonEqual((a as JsonObject)[key], (b as JsonObject)[key]),
  );
}

/** Freezes a JSON value and all its parts, and returns it; parts that are frozen already are taken to be deeply so. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const key of Object.keys(value)) deepFreeze((value as JsonObject)[key]);
  return value;
}
