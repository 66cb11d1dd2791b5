import { jsonEqual } from '../../../core/index.js';
import { Namespace } from '../../../resources/kinds/index.js';
import type { ClusterView, ObjectTable } from '../../framework/index.js';

const NO_LABELS: Readonly<Record<string, string>> = /* @__PURE__ */ Object.freeze({});

/** The labels of namespaces as they were when {@link NamespaceLabels.changed} was asked last; none where there is no Namespace object. */
export class NamespaceLabels {
  readonly #table: ObjectTable<Namespace>;
  // what the table held when it had this version
  #labels: ReadonlyMap<string, Readonly<Record<string, string>>>;
  #version: number;

  constructor(cluster: ClusterView) {
    this.#table = cluster.objects(Namespace);
    this.#version = this.#table.version;
    this.#labels = this.#read();
  }

  of(namespace: string): Readonly<Record<string, string>> {
    return this.#labels.get(namespace) ?? NO_LABELS;
  }

  /** Whether the labels of a namespace are others than when this was asked last. */
  changed(): boolean {
    const { version } = this.#table;
    if (version === this.#version) return false;
    this.#version = version;
    const before = this.#labels;
    this.#labels = this.#read();
    return !sameLabels(before, this.#labels) || !sameLabels(this.#labels, before);
  }

  #read(): ReadonlyMap<string, Readonly<Record<string, string>>> {
    const labels = new Map<string, Readonly<Record<string, string>>>();
    for (const { metadata } of this.#table) {
      if (metadata.labels !== undefined) labels.set(metadata.name, metadata.labels);
    }
    return labels;
  }
}

/** Whether all that `a` says `b` says too. */
function sameLabels(
  a: ReadonlyMap<string, Readonly<Record<string, string>>>,
  b: ReadonlyMap<string, Readonly<Record<string, string>>>,
): boolean {
  for (const [name, labels] of a) {
    const others = b.get(name);
    if (labels !== others && !jsonEqual(labels, others ?? NO_LABELS)) return false;
  }
  return true;
}
