/** JSON with maps for objects: no prototypes, so no key is special. The models below work on it, slowly and plainly. */
export type Model = null | boolean | number | string | Model[] | Map<string, Model>;

export function toModel(value: unknown): Model {
  if (Array.isArray(value)) return value.map(toModel);
  if (typeof value !== 'object' || value === null) return value as Model;
  return new Map(Object.keys(value).map((name) => [name, toModel((value as Record<string, unknown>)[name])]));
}

/** One text for equal values, whatever the order of members. */
export function canonical(value: unknown): string {
  return textOf(toModel(value));
}

export function textOf(model: Model): string {
  if (Array.isArray(model)) return `[${model.map(textOf).join(',')}]`;
  if (!(model instanceof Map)) return JSON.stringify(model);
  const names = [...model.keys()].sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${textOf(model.get(name) ?? null)}`).join(',')}}`;
}

/** RFC 7396, except that nulls are dropped from objects inside arrays. */
export function mergeModel(target: Model | undefined, patch: Model): Model {
  if (Array.isArray(patch)) return patch.map(withoutNulls);
  if (!(patch instanceof Map)) return patch;
  const result = new Map(target instanceof Map ? target : []);
  for (const [name, value] of patch) {
    if (value === null) result.delete(name);
    else result.set(name, mergeModel(result.get(name), value));
  }
  return result;
}

function withoutNulls(model: Model): Model {
  return model instanceof Map
    ? mergeModel(undefined, model)
    : Array.isArray(model)
      ? model.map(withoutNulls)
      : model;
}

export interface Operation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/** RFC 6902 with a fresh copy of everything at every step; undefined where the patch does not apply. */
export function patchModel(document: Model, operations: readonly Operation[]): Model | undefined {
  let root: Model | undefined = copy(document);
  for (const operation of operations) {
    root = step(root, operation);
    if (root === undefined) return undefined;
  }
  return root;
}

function step(root: Model, { op, path, from, value }: Operation): Model | undefined {
  const at = tokensOf(path);
  switch (op) {
    case 'add':
      return put(root, at, toModel(value), true);
    case 'remove':
      return remove(root, at);
    case 'replace':
      return get(root, at) === undefined ? undefined : put(root, at, toModel(value), false);
    case 'test': {
      const parent = at.length === 0 ? root : get(root, at.slice(0, -1));
      const absentMember = parent instanceof Map && at.length > 0 && !parent.has(at.at(-1) ?? '');
      const found = absentMember ? null : get(root, at);
      return found !== undefined && textOf(found) === canonical(value) ? root : undefined;
    }
    case 'copy': {
      const found = get(root, tokensOf(from ?? ''));
      return found === undefined ? undefined : put(root, at, copy(found), true);
    }
    case 'move': {
      const source = tokensOf(from ?? '');
      const found = get(root, source);
      if (found === undefined) return undefined;
      if (path === from) return root;
      if (`${path}/`.startsWith(`${from}/`)) return undefined;
      const rest = remove(root, source);
      return rest === undefined ? undefined : put(rest, at, found, true);
    }
    default:
      return undefined;
  }
}

function tokensOf(pointer: string): string[] {
  const tokens = pointer.split('/').slice(1);
  return tokens.map((token) => token.replace(/~1/g, '/').replace(/~0/g, '~'));
}

function indexOf(array: readonly Model[], token: string): number | undefined {
  const index = Number(token);
  return String(index) === token && Number.isInteger(index) && index >= 0 && index < array.length
    ? index
    : undefined;
}

function get(root: Model, at: readonly string[]): Model | undefined {
  let value: Model | undefined = root;
  for (const token of at) {
    if (value instanceof Map) value = value.get(token);
    else if (Array.isArray(value)) value = value[indexOf(value, token) ?? -1];
    else return undefined;
  }
  return value;
}

function put(root: Model, at: readonly string[], value: Model, insert: boolean): Model | undefined {
  const key = at.at(-1);
  if (key === undefined) return value;
  const parent = get(root, at.slice(0, -1));
  if (parent instanceof Map) parent.set(key, value);
  else if (Array.isArray(parent)) {
    const end = insert && (key === '-' || key === String(parent.length));
    const index = end ? parent.length : indexOf(parent, key);
    if (index === undefined) return undefined;
    parent.splice(index, insert ? 0 : 1, value);
  } else return undefined;
  return root;
}

function remove(root: Model, at: readonly string[]): Model | undefined {
  const key = at.at(-1);
  if (key === undefined || get(root, at) === undefined) return undefined;
  const parent = get(root, at.slice(0, -1));
  if (parent instanceof Map) parent.delete(key);
  else if (Array.isArray(parent)) parent.splice(Number(key), 1);
  return root;
}

function copy(model: Model): Model {
  if (Array.isArray(model)) return model.map(copy);
  return model instanceof Map ? new Map([...model].map(([name, value]) => [name, copy(value)])) : model;
}
