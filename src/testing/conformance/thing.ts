import type { ObjectMeta } from '../../core/index.js';
import { defineResource, type NewOf, type Resource } from '../../resources/index.js';

/** An object in a namespace, with any JSON. */
export interface Thing {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta<'Namespaced'>;
  readonly value?: unknown;
  /** What several managers apply, each part on its own. */
  readonly parts?: Readonly<Record<string, string>>;
  readonly status?: unknown;
}

/** The same in the whole cluster. */
export interface Place {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta<'Cluster'>;
  readonly value?: unknown;
}

const NAMES = /* @__PURE__ */ Object.freeze({ group: 'conformance.keelson.dev', version: 'v1' });

/** What the suites write: a value, any JSON, in a namespace, with a status of its own. */
export const Thing: Resource<Thing, NewOf<Thing>> = /* @__PURE__ */ defineResource<Thing>({
  ...NAMES,
  kind: 'Thing',
  status: true,
});

/** What they write beside it. */
export const Place: Resource<Place, NewOf<Place>> = /* @__PURE__ */ defineResource<Place>({
  ...NAMES,
  kind: 'Place',
  scope: 'Cluster',
});

/** How long a {@link Spark} lives, in milliseconds. */
export const SPARK_LIFE = 10_000;

/** A thing that does not last. */
export const Spark: Resource<Thing, NewOf<Thing>> = /* @__PURE__ */ defineResource<Thing>({
  ...NAMES,
  kind: 'Spark',
  ttl: SPARK_LIFE,
});

/** The key of a name in the namespace `default`. */
export function at(
  name: string,
  namespace = 'default',
): { readonly name: string; readonly namespace: string } {
  return { name, namespace };
}

/** What a new thing has. */
export function thing(
  name: string,
  value: unknown,
  { colour = 'red', namespace = 'default' }: { readonly colour?: string; readonly namespace?: string } = {},
): {
  readonly metadata: { name: string; namespace: string; labels: { colour: string } };
  readonly value: unknown;
} {
  return { metadata: { name, namespace, labels: { colour } }, value };
}
