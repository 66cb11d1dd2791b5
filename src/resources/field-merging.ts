import { preview } from '../core/index.js';
import type { FieldSchema } from '../patch/index.js';
import { defaultOf, isRequired } from './default-of.js';
import { type MergeRule, refuseRule } from './merge-rule.js';
import { nameOfForm, type ZodForm, type ZodForms } from './zod-form.js';

/** The part of a field's schema that is about merging. */
type Merging = Pick<FieldSchema, 'patchStrategy' | 'patchMergeKey' | 'listType' | 'listMapKeys' | 'atomic'>;

/**
 * What a rule makes of a field: what it says, and what follows from it for strategic merge patches.
 *
 * @param form - What the field is; the rule must fit it.
 * @throws TypeError where it does not, naming the path, the value and what was expected.
 * Source: ValidateCustomResourceDefinition in k8s.io/apiextensions-apiserver.
 */
export function fieldMerging(path: string, rule: MergeRule, form: ZodForm, forms: ZodForms): Merging {
  return form.form === 'list'
    ? listMerging(path, rule, form.isTuple, forms.of(form.items), forms)
    : valueMerging(path, rule, form);
}

function listMerging(
  path: string,
  rule: MergeRule,
  isTuple: boolean,
  items: ZodForm,
  forms: ZodForms,
): Merging {
  const { listType, listMapKeys, patchStrategy } = rule;
  if (rule.atomic === true) refuseRule(path, "listType 'atomic', as it is a list", 'atomic: true');
  if (isTuple && (listType === 'map' || listType === 'set'))
    refuseRule(path, "listType 'atomic', as it is a tuple", preview(listType));
  if (listType === 'map') checkMapItems(path, listMapKeys ?? [], items, forms);
  if (listType === 'set' && ((items.form !== 'scalar' && items.form !== 'any') || items.nullable))
    refuseRule(path, `scalar items for listType 'set'`, nullableNameOf(items));
  const singleKey = listType === 'map' && listMapKeys?.length === 1 ? listMapKeys[0] : undefined;
  const strategy = patchStrategy ?? strategyOf(rule);
  const merges = strategy?.includes('merge') === true;
  const patchMergeKey = merges ? (rule.patchMergeKey ?? singleKey) : undefined;
  if (merges && listType === 'map' && patchMergeKey === undefined)
    refuseRule(path, 'a patchMergeKey, as there are several listMapKeys', 'none');
  if (patchMergeKey !== undefined) checkKey(path, 'patchMergeKey', patchMergeKey, items, forms);
  else if (merges && items.form !== 'scalar' && items.form !== 'any')
    refuseRule(path, "a patchMergeKey beside patchStrategy 'merge', as the items are no scalars", 'none');
  if (strategy?.includes('retainKeys') === true && (!merges || patchMergeKey === undefined))
    refuseRule(
      path,
      "patchStrategy 'retainKeys' of a list beside 'merge' and a patchMergeKey",
      strategy.join(', '),
    );
  return {
    ...(strategy === undefined ? undefined : { patchStrategy: strategy }),
    ...(patchMergeKey === undefined ? undefined : { patchMergeKey }),
    ...(listType === undefined ? undefined : { listType }),
    ...(listMapKeys === undefined ? undefined : { listMapKeys }),
  };
}

/** What a strategic merge patch does with a list whose rule does not say; undefined: replaces it. */
function strategyOf({ listType, listMapKeys, patchMergeKey }: MergeRule): FieldSchema['patchStrategy'] {
  const merges =
    listType === 'set' || patchMergeKey !== undefined || (listType === 'map' && listMapKeys?.length === 1);
  return merges ? ['merge'] : undefined;
}

function checkMapItems(path: string, keys: readonly string[], items: ZodForm, forms: ZodForms): void {
  if ((items.form !== 'object' && items.form !== 'any') || items.nullable)
    refuseRule(path, "items that are objects for listType 'map'", nullableNameOf(items));
  for (const key of keys) {
    checkKey(path, 'listMapKeys', key, items, forms);
    if (items.form !== 'object') continue;
    const field = items.fields.get(key);
    if (
      field?.isEverywhere !== true ||
      !(isRequired(field.schemas) || defaultOf(field.schemas) !== undefined)
    )
      refuseRule(path, 'each of listMapKeys to be required or to have one default', preview(key));
  }
}

function checkKey(path: string, option: string, key: string, items: ZodForm, forms: ZodForms): void {
  if (items.form === 'any') return;
  const field = items.form === 'object' ? items.fields.get(key) : undefined;
  if (field === undefined) refuseRule(path, `${option} to name a field of the items`, preview(key));
  const form = forms.of(field.schemas);
  if (form.form !== 'scalar' || form.nullable)
    refuseRule(path, `${option} to name a scalar field, but ${key} is ${nullableNameOf(form)}`, preview(key));
}

function valueMerging(path: string, rule: MergeRule, form: ZodForm): Merging {
  const { listType, patchMergeKey, atomic, patchStrategy } = rule;
  if (listType !== undefined)
    refuseRule(path, `no listType, as it is ${nameOfForm(form)}`, preview(listType));
  if (patchMergeKey !== undefined)
    refuseRule(path, `no patchMergeKey, as it is ${nameOfForm(form)}`, preview(patchMergeKey));
  if (form.form === 'scalar') refuseRule(path, 'a list, a map or an object', nameOfForm(form));
  return {
    ...(patchStrategy === undefined ? undefined : { patchStrategy }),
    ...(atomic === undefined ? undefined : { atomic }),
  };
}

function nullableNameOf(form: ZodForm): string {
  return form.nullable ? `${nameOfForm(form)} or null` : nameOfForm(form);
}
