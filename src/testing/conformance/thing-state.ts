import type { LoggedObject } from '../history/logged-change.js';
import type { Thing } from './thing.js';

/** What of a thing matters to a history. */
export interface ThingState {
  readonly colour: string;
  readonly value: unknown;
  readonly status: unknown;
  /** What was applied, each with those who applied it, in alphabetical order. */
  readonly parts: Readonly<Record<string, Part>>;
  readonly finalizers: readonly string[];
  /** Whether it was to be deleted, and finalizers hold it. */
  readonly isDying: boolean;
  readonly generation: number;
}

/** A part of a thing, and the managers that own it. */
interface Part {
  readonly value: string;
  readonly owners: readonly string[];
}

/** A thing in which nobody has written anything. */
export const EMPTY: ThingState = /* @__PURE__ */ Object.freeze({
  colour: '',
  value: null,
  status: null,
  parts: {},
  finalizers: [],
  isDying: false,
  generation: 1,
});

/** A state as text: the same states have the same. */
export function textOf(state: ThingState): string {
  const { colour, value, status, parts, finalizers, isDying, generation } = state;
  const sorted = Object.entries(parts).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([colour, value, status, sorted, finalizers, isDying, generation]);
}

/** The state of a text. */
export function stateOf(text: string): ThingState {
  type Content = [string, unknown, unknown, [string, Part][], string[], boolean, number];
  const [colour, value, status, parts, finalizers, isDying, generation] = JSON.parse(text) as Content;
  return { colour, value, status, parts: Object.fromEntries(parts), finalizers, isDying, generation };
}

/** A thing as a history has it: one whose name was generated goes by {@link generatedName}, for its writer cannot know the other. */
export function logged({ metadata, value = null, status = null, parts }: Thing): LoggedObject {
  const { namespace, name, generateName, resourceVersion, labels = {}, finalizers = [] } = metadata;
  const { generation = 0, deletionTimestamp, managedFields = [] } = metadata;
  const ownersOf = (part: string): readonly string[] =>
    managedFields
      .filter(({ fieldsV1 }) => Object.hasOwn(partsOf(fieldsV1), `f:${part}`))
      .map(({ manager = '' }) => manager)
      .toSorted();
  const state: ThingState = {
    colour: labels['colour'] ?? '',
    value,
    status,
    parts: Object.fromEntries(
      Object.entries(parts ?? {}).map(([part, content]) => [
        part,
        { value: content, owners: ownersOf(part) },
      ]),
    ),
    finalizers,
    isDying: deletionTimestamp !== undefined,
    generation,
  };
  return {
    namespace,
    name: generateName === undefined ? name : generatedName(generateName, value),
    revision: Number(resourceVersion),
    labels,
    content: textOf(state),
  };
}

/** What a history calls a thing whose name was generated; its value is its own, and never changes. */
export function generatedName(generateName: string, value: unknown): string {
  return `${generateName}${JSON.stringify(value)}`;
}

/** The parts that a manager owns, as its entry in `managedFields` has them. */
function partsOf(fields: unknown): object {
  return (fields as { readonly 'f:parts'?: object } | undefined)?.['f:parts'] ?? {};
}
