import { LabelSelector } from '../../../core/index.js';
import type { LabelIdentity } from '../../pods/label-identity.js';
import type { NamespaceLabels } from './namespace-labels.js';

/** The Pods of some namespaces with some labels. */
export interface PodSelection {
  readonly namespaces: ReadonlySet<string>;
  /** More namespaces, by their labels. */
  readonly namespaceSelector: LabelSelector;
  readonly selector: LabelSelector;
}

/** Pods that are in all of some selections. */
export class PodMatcher {
  /** Equal texts, equal matchers. */
  readonly text: string;
  /** Whether the answer depends on the labels of namespaces. */
  readonly readsNamespaces: boolean;
  readonly #selections: readonly PodSelection[];

  constructor(selections: readonly PodSelection[]) {
    this.#selections = selections;
    this.text = selections.map(textOf).join('&');
    this.readsNamespaces = selections.some(
      ({ namespaceSelector }) => namespaceSelector.selectable && !namespaceSelector.empty,
    );
  }

  matches(identity: LabelIdentity, namespaces: NamespaceLabels): boolean {
    for (const selection of this.#selections) if (!isIn(selection, identity, namespaces)) return false;
    return true;
  }

  /** Whether a Pod matches if namespaces have the right labels. */
  couldMatch(identity: LabelIdentity): boolean {
    return this.#selections.every((selection) => isIn(selection, identity, undefined));
  }
}

/** Where nothing is known of namespaces, one that is asked for by labels is the right one. */
function isIn(
  selection: PodSelection,
  identity: LabelIdentity,
  namespaces: NamespaceLabels | undefined,
): boolean {
  if (!selection.selector.matches(identity.labels)) return false;
  if (selection.namespaces.has(identity.namespace)) return true;
  const { namespaceSelector } = selection;
  if (namespaceSelector.empty || !namespaceSelector.selectable) return namespaceSelector.empty;
  return namespaces === undefined || namespaceSelector.matches(namespaces.of(identity.namespace));
}

/** As JSON, for the names of namespaces in a term may be any text. */
function textOf({ namespaces, namespaceSelector, selector }: PodSelection): string {
  return JSON.stringify([[...namespaces].sort(), selectorText(namespaceSelector), selectorText(selector)]);
}

/** The text of a selector; that of nothing differs from that of everything. */
function selectorText(selector: LabelSelector): string {
  return selector.selectable ? `{${selector.toString()}}` : '-';
}

/** The Pods of one namespace with some labels. */
export function podsIn(namespace: string, selector: LabelSelector): PodMatcher {
  return new PodMatcher([
    { namespaces: new Set([namespace]), namespaceSelector: LabelSelector.nothing, selector },
  ]);
}
