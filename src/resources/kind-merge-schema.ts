import type * as z from 'zod/v4/core';
import { deepFreeze, define, preview } from '../core/index.js';
import type { FieldSchema, MergeSchema } from '../patch/index.js';
import { ObjectMetaSchema } from './kinds/meta-v1.js';
import { defaultOf } from './default-of.js';
import { fieldMerging } from './field-merging.js';
import { type MergeRule, type RuleNode, refuseRule } from './merge-rule.js';
import { type Alternatives, nameOfForm, type ObjectForm, type ZodForm, ZodForms } from './zod-form.js';

/** What a field holds, before any rule. */
type Content = Pick<FieldSchema, 'type' | 'list' | 'map'>;

/**
 * How the fields of a kind merge: the shapes of its schemas, with the rules of its author.
 *
 * An object that contains itself has a schema that contains itself. What the schemas leave open (`z.unknown`, a list in a list) is
 * `any`. Default values are there for the keys of lists alone.
 *
 * @param schemas - Those of the top-level fields; undefined for a kind without schemas, whose fields may be anything.
 * @throws TypeError where a rule does not fit, naming its path, the value and what was expected.
 */
export function kindMergeSchema(
  schemas: { readonly [field: string]: z.$ZodType } | undefined,
  rules: RuleNode | undefined,
): MergeSchema {
  for (const name of ['apiVersion', 'kind', 'metadata']) {
    const common = rules?.fields.get(name);
    if (common !== undefined) refuseRule(common.path, "a field of the kind's own", preview(name));
  }
  const root: ObjectForm = {
    form: 'object',
    nullable: false,
    id: 'root',
    fields: new Map(
      Object.entries(schemas ?? {}).map(([name, schema]) => [
        name,
        { schemas: [schema], isEverywhere: true },
      ]),
    ),
    rest: schemas === undefined ? [] : undefined,
  };
  const { fields, open } = new Builder().object(root, rules);
  const merged: MergeSchema = {
    fields: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: ObjectMetaSchema },
      ...fields,
    },
    ...(open === undefined ? undefined : { open }),
  };
  return deepFreeze(merged);
}

class Builder {
  readonly #forms = new ZodForms();
  /** By the id of its form, the schema of each object without rules; an entry is there before its fields are. */
  readonly #objects = new Map<string, MergeSchema>();

  object(form: ObjectForm, node: RuleNode | undefined, keys: readonly string[] = []): MergeSchema {
    const isPlain = keys.length === 0 && (node === undefined || node.fields.size === 0);
    const known = isPlain ? this.#objects.get(form.id) : undefined;
    if (known !== undefined) return known;
    const fields: Record<string, FieldSchema> = {};
    const schema: MergeSchema = form.rest === undefined ? { fields } : { fields, open: true };
    if (isPlain) this.#objects.set(form.id, schema);
    for (const [name, { schemas }] of form.fields) {
      const field = this.#field(schemas, node?.fields.get(name));
      const value = keys.includes(name) ? defaultOf(schemas) : undefined;
      define(fields, name, value === undefined ? field : { ...field, default: value });
    }
    for (const [name, child] of node?.fields ?? []) {
      if (form.fields.has(name)) continue;
      if (form.rest === undefined)
        refuseRule(child.path, `a field of the schema (${someOf(form.fields.keys())})`, preview(name));
      define(fields, name, this.#field(form.rest, child));
    }
    return schema;
  }

  #field(schemas: Alternatives, node: RuleNode | undefined): FieldSchema {
    const form = this.#forms.of(schemas);
    if (node === undefined) return this.#content(form, undefined, []);
    const seen = form.form === 'any' ? assumed(node) : form;
    checkSteps(seen, node);
    const { path, rule } = node;
    if (rule === undefined) return this.#content(seen, node, []);
    // before the content, which takes it for granted that the keys are fields of the items
    const merging = fieldMerging(path, rule, seen, this.#forms);
    return { ...this.#content(seen, node, keysOf(rule)), ...merging };
  }

  /** @param keys - Fields by which the items are told apart. */
  #content(form: ZodForm, node: RuleNode | undefined, keys: readonly string[]): Content {
    switch (form.form) {
      case 'list':
        return { type: this.#item(form.items, node?.items, keys), list: true };
      case 'map':
        return { type: this.#item(form.values, node?.items, []), map: true };
      case 'object':
        return { type: this.object(form, node) };
      case 'scalar':
        return { type: form.type };
      case 'any':
        return { type: 'any' };
    }
  }

  #item(schemas: Alternatives, node: RuleNode | undefined, keys: readonly string[]): FieldSchema['type'] {
    const form = this.#forms.of(schemas);
    const [below] = [node?.items, ...(node?.fields.values() ?? [])].filter((child) => child !== undefined);
    if (node?.items !== undefined)
      refuseRule(
        node.items.path,
        `a field after ${node.path}: a list or map right inside another merges whole`,
        '[]',
      );
    if (form.form === 'object') return this.object(form, node, keys);
    if (form.form === 'any' && (below !== undefined || keys.length > 0)) return this.object(OPEN, node);
    if (below !== undefined) refuseRule(below.path, `an object at ${node?.path}`, nameOfForm(form));
    return form.form === 'scalar' ? form.type : 'any';
  }
}

const OPEN: ObjectForm = { form: 'object', nullable: false, id: 'open', fields: new Map(), rest: [] };

/** What a place is whose schema says nothing, going by the rules for it and below it. */
function assumed({ rule, fields, items }: RuleNode): ZodForm {
  const isList =
    rule?.listType !== undefined ||
    rule?.patchMergeKey !== undefined ||
    (rule?.patchStrategy?.includes('merge') === true && rule.atomic === undefined && fields.size === 0);
  if (isList) return { form: 'list', items: [], isTuple: false, nullable: false };
  if (fields.size > 0) return OPEN;
  return items === undefined
    ? { form: 'any', nullable: false }
    : { form: 'map', values: [], nullable: false };
}

/** Refuses rules below a place that step into it as into something else. */
function checkSteps(form: ZodForm, { path, fields, items }: RuleNode): void {
  const [field] = fields.values();
  const isContainer = form.form === 'list' || form.form === 'map';
  if (field !== undefined && form.form !== 'object') {
    const way = isContainer ? `'[]' after ${path}` : `an object at ${path}`;
    refuseRule(field.path, `${way}, which is ${nameOfForm(form)}`, preview(field.path));
  }
  if (items !== undefined && !isContainer)
    refuseRule(items.path, `a list or a map at ${path}, which is ${nameOfForm(form)}`, preview(items.path));
}

function keysOf({ listMapKeys = [], patchMergeKey }: MergeRule): readonly string[] {
  return patchMergeKey === undefined ? listMapKeys : [...new Set([...listMapKeys, patchMergeKey])];
}

function someOf(names: Iterable<string>): string {
  const all = [...names];
  return all.length === 0 ? 'it has none' : `${all.slice(0, 10).join(', ')}${all.length > 10 ? ', ...' : ''}`;
}
