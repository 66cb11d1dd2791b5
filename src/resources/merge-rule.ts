import { preview } from '../core/index.js';
import type { ListType, PatchStrategy } from '../patch/index.js';

/**
 * How one list or map of a kind merges, in server-side apply and in strategic merge patches.
 *
 * Without a rule, a list is one value: an apply owns all of it, and a patch replaces it. A map or an object merges key by key.
 *
 * - `listType: 'map'`: the items are objects, told apart by the fields in `listMapKeys`. Each item has owners of its own, and no two
 *   may have the same keys. A strategic merge patch merges by the key where there is one. Where there are several it replaces the list:
 *   a patch can match by one key alone, and would take the first item with port 53 for every item with port 53. Who wants that all the
 *   same, as a Service's ports have it, says `patchStrategy: ['merge'], patchMergeKey: 'port'`.
 * - `listType: 'set'`: the items are scalars, each with owners of its own, and none may be there twice. A strategic merge patch adds to it.
 * - `listType: 'atomic'`: as without a rule.
 * - `atomic: true`: server-side apply owns the map or object as a whole. Patches still merge it, as they do Kubernetes' own atomic
 *   maps, unless `patchStrategy` is `['replace']`.
 * - `patchStrategy` and `patchMergeKey` say what a strategic merge patch does, whatever the rest says.
 *
 * Source: x-kubernetes-list-type, x-kubernetes-list-map-keys and x-kubernetes-map-type of a CustomResourceDefinition; the
 * patchStrategy and patchMergeKey tags of k8s.io/api.
 */
export interface MergeRule {
  /** For lists. */
  readonly listType?: ListType | undefined;
  /** For `listType: 'map'`, at least one: scalar fields that every item has, or that have a default. */
  readonly listMapKeys?: readonly string[] | undefined;
  /** For maps and objects. */
  readonly atomic?: true | undefined;
  /** `merge` or `replace`, for lists, maps and objects; `retainKeys` drops the fields that a patch does not list in `$retainKeys`. */
  readonly patchStrategy?: readonly PatchStrategy[] | undefined;
  /** For lists of objects: the scalar field that a strategic merge patch finds an item by. */
  readonly patchMergeKey?: string | undefined;
}

/**
 * Rules by the path of the field that they are for, as `spec.ports`.
 *
 * `[]` steps into the items of a list or the values of a map, as in `spec.ports[].tags`. A name with dots stands in brackets, as in
 * `data[a.b]`. A path is one place: in a schema that contains itself, each level needs a rule of its own.
 */
export interface MergeRules {
  readonly [path: string]: MergeRule;
}

/** A place that rules are for, or that lies on the way to one. */
export interface RuleNode {
  /** As in `spec.ports[]`. */
  readonly path: string;
  readonly rule: MergeRule | undefined;
  readonly fields: ReadonlyMap<string, RuleNode>;
  /** The items of the list, or the values of the map. */
  readonly items: RuleNode | undefined;
}

/** As many rules as a kind may have: more are a program's mistake. */
const MAX_RULES = 1_000;

const OPTIONS: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'listType',
  'listMapKeys',
  'atomic',
  'patchStrategy',
  'patchMergeKey',
]);

/**
 * The rules as a tree, each checked by itself: whether it fits the field is not looked at.
 *
 * @returns A private copy; undefined where there are no rules.
 * @throws TypeError naming the path, the value and what was expected.
 */
export function ruleTree(rules: MergeRules | undefined): RuleNode | undefined {
  if (rules === undefined) return undefined;
  if (typeof rules !== 'object' || rules === null || Array.isArray(rules)) {
    throw new TypeError(`defineResource: merge: expected rules by field path, got ${preview(rules)}`);
  }
  const paths = Object.keys(rules);
  if (paths.length === 0) return undefined;
  if (paths.length > MAX_RULES) {
    throw new TypeError(`defineResource: merge: expected at most ${MAX_RULES} rules, got ${paths.length}`);
  }
  const root = new Branch('');
  for (const path of paths) {
    const leaf = leafOf(root, path);
    if (leaf.rule !== undefined) refuseRule(path, 'one rule for each path', 'two spellings of it');
    leaf.rule = checkedRule(path, rules[path]);
  }
  return root;
}

/** A {@link RuleNode} in the making. */
class Branch implements RuleNode {
  readonly path: string;
  readonly fields = new Map<string, Branch>();
  items: Branch | undefined;
  rule: MergeRule | undefined;

  constructor(path: string) {
    this.path = path;
  }
}

/** The node where a path ends, made with those on the way where they are not there yet. */
function leafOf(root: Branch, path: string): Branch {
  let node = root;
  for (const { field, end } of stepsOf(path)) {
    const next =
      (field === undefined ? node.items : node.fields.get(field)) ?? new Branch(path.slice(0, end));
    if (field === undefined) node.items = next;
    else node.fields.set(field, next);
    node = next;
  }
  return node;
}

interface Step {
  /** undefined for `[]`. */
  readonly field: string | undefined;
  /** Where the step ends in the path. */
  readonly end: number;
}

function stepsOf(path: string): Step[] {
  const steps: Step[] = [];
  // a name after a dot or at the start, or brackets with or without a name
  const step = /(\.?)([^.[\]]+)|\[([^[\]]*)\]/y;
  while (step.lastIndex < path.length) {
    const match = step.exec(path);
    const isFirst = steps.length === 0;
    const [, dot, name, inBrackets = ''] = match ?? [];
    const misplaced = name === undefined ? isFirst && inBrackets === '' : (dot === '') !== isFirst;
    if (match === null || misplaced) {
      refuseRule(
        path,
        "field names between dots, with '[]' after a list or map, as in spec.ports[].tags",
        preview(path),
      );
    }
    steps.push({ field: name ?? (inBrackets === '' ? undefined : inBrackets), end: step.lastIndex });
  }
  const last = steps.at(-1);
  if (last === undefined) refuseRule(path, 'the path of a field', 'none');
  if (last.field === undefined)
    refuseRule(path, "the path of a field, which does not end with '[]'", preview(path));
  return steps;
}

function checkedRule(path: string, rule: unknown): MergeRule {
  if (typeof rule !== 'object' || rule === null || Array.isArray(rule))
    refuseRule(path, 'a rule', preview(rule));
  for (const option of Object.keys(rule)) {
    if (!OPTIONS.has(option)) refuseRule(path, `the options ${[...OPTIONS].join(', ')}`, preview(option));
  }
  const { listType, listMapKeys, atomic, patchStrategy, patchMergeKey } = rule as MergeRule;
  if ([listType, atomic, patchStrategy, patchMergeKey].every((option) => option === undefined)) {
    refuseRule(path, 'a listType, atomic, a patchStrategy or a patchMergeKey', preview(rule));
  }
  if (listType !== undefined && !['map', 'set', 'atomic'].includes(listType)) {
    refuseRule(path, "listType to be 'map', 'set' or 'atomic'", preview(listType));
  }
  if (atomic !== undefined && (atomic as unknown) !== true)
    refuseRule(path, 'atomic to be true', preview(atomic));
  if (atomic === true && listType !== undefined) {
    refuseRule(path, 'a listType (for a list) or atomic (for a map or object)', 'both');
  }
  if (listType === 'map') {
    if (!isListOfNames(listMapKeys))
      refuseRule(path, 'listMapKeys: names of fields, at least one, none twice', preview(listMapKeys));
  } else if (listMapKeys !== undefined) {
    refuseRule(path, "listMapKeys only beside listType 'map'", preview(listMapKeys));
  }
  if (patchStrategy !== undefined) checkStrategy(path, patchStrategy);
  if (patchMergeKey !== undefined) {
    if (typeof patchMergeKey !== 'string' || patchMergeKey === '')
      refuseRule(path, 'patchMergeKey to be the name of a field', preview(patchMergeKey));
    if (patchStrategy !== undefined && !patchStrategy.includes('merge'))
      refuseRule(path, "patchMergeKey only where patchStrategy has 'merge'", preview(patchMergeKey));
  }
  return {
    listType,
    listMapKeys: listMapKeys === undefined ? undefined : [...listMapKeys],
    atomic,
    patchStrategy: patchStrategy === undefined ? undefined : [...patchStrategy],
    patchMergeKey,
  };
}

function checkStrategy(path: string, strategy: unknown): void {
  if (!isListOfNames(strategy)) {
    refuseRule(
      path,
      "patchStrategy to list 'merge', 'replace' or 'retainKeys', none twice",
      preview(strategy),
    );
  }
  const unknown = strategy.find((name) => !['merge', 'replace', 'retainKeys'].includes(name));
  if (unknown !== undefined)
    refuseRule(path, "the patchStrategy 'merge', 'replace' or 'retainKeys'", preview(unknown));
  if (strategy.includes('replace') && strategy.length > 1) {
    refuseRule(path, "the patchStrategy 'replace' to stand alone", strategy.join(', '));
  }
}

function isListOfNames(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    new Set(value).size === value.length &&
    value.every((name) => typeof name === 'string' && name !== '')
  );
}

/**
 * @param got - As it is to be read: a value that was given goes through {@link preview} first.
 * @throws TypeError that a rule of {@link MergeRules} is not what was expected.
 */
export function refuseRule(path: string, expected: string, got: string): never {
  throw new TypeError(`defineResource: merge: ${preview(path)}: expected ${expected}, got ${got}`);
}
