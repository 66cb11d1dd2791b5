import { MAX_DEPTH, type JsonObject } from '../../core/index.js';
import { isJsonObject } from '../json-object.js';
import { type FieldSet, type FieldSetDraft, LEAF, SELF, union } from './field-set.js';
import { parseElement } from './path-element.js';

/** What `fieldsV1` objects hold; sound, as only frozen ones are kept, and those never change. */
const decoded = /* @__PURE__ */ new WeakMap<object, Decoded>();

/** The set that a `fieldsV1` holds, or what is wrong with it. */
export type Decoded =
  | { readonly ok: true; readonly fields: FieldSet | undefined }
  | { readonly ok: false; readonly problem: string };

/**
 * Reads the trie of a `fieldsV1`, whoever wrote it. Absent and null are the empty set.
 *
 * Source: `FromJSON` of `fieldpath.Set` in structured-merge-diff. There too `.` counts whatever it holds, null is an empty node, and
 * elements of an unknown type are dropped with all below them.
 */
export function decodeFieldSet(fieldsV1: unknown): Decoded {
  if (fieldsV1 === undefined || fieldsV1 === null) return { ok: true, fields: undefined };
  if (!isJsonObject(fieldsV1)) return { ok: false, problem: 'expected an object' };
  const known = decoded.get(fieldsV1);
  if (known !== undefined) return known;
  const result = decode(fieldsV1);
  if (Object.isFrozen(fieldsV1)) decoded.set(fieldsV1, result);
  return result;
}

function decode(fieldsV1: JsonObject): Decoded {
  const decoder = new Decoder();
  const root = decoder.node(fieldsV1, 0);
  if (decoder.problem !== undefined) return { ok: false, problem: decoder.problem };
  return { ok: true, fields: root === LEAF ? undefined : withoutSelf(root) };
}

class Decoder {
  /** What was wrong first. */
  problem: string | undefined;

  /** A node without children is a leaf. */
  node(value: unknown, depth: number): FieldSet {
    if (value === null) return LEAF;
    if (!isJsonObject(value)) return this.#fail('expected an object for every path element');
    if (depth >= MAX_DEPTH) return this.#fail(`expected at most ${MAX_DEPTH} levels`);
    let result: FieldSetDraft | undefined;
    let isSelf = false;
    for (const key of Object.keys(value)) {
      if (key === SELF) {
        isSelf = true;
        continue;
      }
      const element = parseElement(key);
      if (element === null) continue;
      if (element === undefined) return this.#fail(`expected a path element, got ${JSON.stringify(key)}`);
      const child = this.node(value[key], depth + 1);
      if (this.problem !== undefined) return LEAF;
      result ??= {};
      result[element] = union(result[element], child) ?? LEAF;
    }
    if (result === undefined) return LEAF;
    if (isSelf) result[SELF] = LEAF;
    return result;
  }

  #fail(problem: string): FieldSet {
    this.problem ??= problem;
    return LEAF;
  }
}

/** The root is no field, so it is no member either. */
function withoutSelf(root: FieldSet): FieldSet {
  if (root[SELF] === undefined) return root;
  const { [SELF]: _, ...rest } = root;
  return rest;
}
