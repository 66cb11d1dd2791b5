import type * as z from 'zod/v4/core';
import type { Immutable, NewMeta, ObjectMeta, Scope } from '../core/index.js';
import { kindMergeSchema } from './kind-merge-schema.js';
import { checkNames, type KindNames } from './kind-names.js';
import { listTypeSchema } from './list-type-rule.js';
import { type MergeRules, ruleTree } from './merge-rule.js';
import type { NewOf, Resource, ScalePaths } from './resource.js';
import { checkTimeToLive, type TimeToLive } from './time-to-live.js';
import { zodSchema } from './zod-schema.js';

/** Top-level fields beside `spec` and `status`. */
type Shape = { readonly [field: string]: z.$ZodType };

type Flat<T> = { [K in keyof T]: T[K] };

type ApiVersionOf<G extends string, V extends string> = G extends '' ? V : `${G}/${V}`;

type OutputFields<F extends Shape> = {
  readonly [K in keyof F as undefined extends z.output<F[K]> ? never : K]: Immutable<z.output<F[K]>>;
} & {
  readonly [K in keyof F as undefined extends z.output<F[K]> ? K : never]?: Immutable<z.output<F[K]>>;
};

type InputFields<F extends Shape> = {
  readonly [K in keyof F as undefined extends z.input<F[K]> ? never : K]: Immutable<z.input<F[K]>>;
} & {
  readonly [K in keyof F as undefined extends z.input<F[K]> ? K : never]?: Immutable<z.input<F[K]>>;
};

/** The stored object of a kind that {@link defineResource} made from schemas. */
type ObjectOfSchemas<
  G extends string,
  V extends string,
  K extends string,
  S extends Scope,
  Spec,
  Status,
  F extends Shape,
> = Flat<
  {
    readonly apiVersion: ApiVersionOf<G, V>;
    readonly kind: K;
    readonly metadata: ObjectMeta<S>;
  } & ([Spec] extends [z.$ZodType] ? { readonly spec: Immutable<z.output<Spec>> } : unknown) &
    ([Status] extends [z.$ZodType] ? { readonly status?: Immutable<z.output<Status>> } : unknown) &
    OutputFields<F>
>;

/** What create takes for a kind that {@link defineResource} made from schemas. */
type NewOfSchemas<G extends string, V extends string, K extends string, Spec, F extends Shape> = Flat<
  {
    readonly apiVersion?: ApiVersionOf<G, V>;
    readonly kind?: K;
    readonly metadata: NewMeta;
  } & ([Spec] extends [z.$ZodType] ? { readonly spec: Immutable<z.input<Spec>> } : unknown) &
    InputFields<F>
>;

/** What every kind may declare. */
export interface ResourceOptions extends KindNames {
  /** Field paths that field selectors may name, beside `metadata.name` and `metadata.namespace`. */
  readonly selectableFields?: readonly string[];
  /** How long an object lives after its last change, until the store deletes it; for ever unless given. */
  readonly ttl?: TimeToLive | undefined;
  /** Gives the kind a `scale` subresource. */
  readonly scale?: ScalePaths;
  /**
   * Which lists and maps merge how, by field path, as in `'spec.ports': { listType: 'map', listMapKeys: ['name'] }`.
   *
   * Server-side apply and strategic merge patches go by it; without a rule a list is one value, and a map merges key by key. Lists with
   * `listType: 'map'` or `'set'` may hold no item twice: a write that does is Invalid. See {@link MergeRule} and {@link MergeRules}.
   */
  readonly merge?: MergeRules | undefined;
}

/** A kind whose objects zod judges. */
export interface SchemaOptions<
  G extends string,
  V extends string,
  K extends string,
  S extends Scope,
  Spec extends z.$ZodType | undefined,
  Status extends z.$ZodType | undefined,
  F extends Shape,
> extends ResourceOptions {
  readonly group: G;
  readonly version: V;
  readonly kind: K;
  readonly scope?: S;
  readonly spec?: Spec;
  /** Declares the status subresource too. */
  readonly status?: Status;
  /** Top-level fields beside `spec` and `status`, as ConfigMap's `data`. */
  readonly fields?: F;
}

/** A kind without a schema: any JSON goes. */
export interface PlainOptions extends ResourceOptions {
  /** `true` declares the status subresource. */
  readonly status?: true;
}

/**
 * Declares a kind of object, with its types inferred from zod schemas.
 *
 * zod judges and gives defaults; it never copies: what is stored is the store's own frozen copy. Schemas go from JSON to JSON and
 * must accept their own output. Unknown fields: `z.object` prunes them, `z.strictObject` makes them Invalid, `z.looseObject`
 * keeps them. Defaults inside `status` apply only once there is a status.
 *
 * Without schemas, name the object's type: `defineResource<Thing>({ group, version, kind })`.
 *
 * How two writers' changes come together is read off the schemas: objects and records merge field by field, lists are replaced. `merge`
 * says where it is otherwise, as for a list whose items have names. The outcome is the resource's `mergeSchema`.
 *
 * @throws TypeError for a name that Kubernetes would refuse, a plural that cannot be guessed, a schema with transforms, coercion,
 * dates, bigints, maps, sets or async refinements, or a merge rule that does not fit its field: the path leads nowhere, a listType is
 * not on a list, a list's keys are not scalar fields that each item has or that have a default.
 *
 * @example
 * ```ts
 * const Website = defineResource({
 *   group: 'example.com', version: 'v1', kind: 'Website',
 *   spec: z.object({ image: z.string(), replicas: z.number().int().min(0).default(1) }),
 *   status: z.object({ readyReplicas: z.number().int().default(0) }),
 * });
 * type Website = ObjectOf<typeof Website>;
 *
 * const Gateway = defineResource({
 *   group: 'example.com', version: 'v1', kind: 'Gateway',
 *   spec: z.object({
 *     ports: z.array(z.object({ port: z.number().int(), protocol: z.string().default('TCP'), tags: z.array(z.string()) })),
 *     hosts: z.array(z.string()),
 *     selector: z.record(z.string(), z.string()),
 *   }),
 *   merge: {
 *     'spec.ports': { listType: 'map', listMapKeys: ['port', 'protocol'] },
 *     'spec.ports[].tags': { listType: 'set' },
 *     'spec.hosts': { listType: 'set' },
 *     'spec.selector': { atomic: true },
 *   },
 * });
 * ```
 */
export function defineResource<
  const G extends string,
  const V extends string,
  const K extends string,
  Spec extends z.$ZodType | undefined = undefined,
  Status extends z.$ZodType | undefined = undefined,
  // oxlint-disable-next-line typescript/no-empty-object-type -- no further fields
  F extends Shape = {},
  const S extends Scope = 'Namespaced',
>(
  options: SchemaOptions<G, V, K, S, Spec, Status, F>,
): Resource<ObjectOfSchemas<G, V, K, S, Spec, Status, F>, NewOfSchemas<G, V, K, Spec, F>>;
export function defineResource<O extends { readonly metadata: unknown }>(
  options: PlainOptions,
): Resource<O, NewOf<O>>;
export function defineResource(
  options: ResourceOptions & { spec?: z.$ZodType; status?: z.$ZodType | true; fields?: Shape },
): Resource {
  const { spec, status, fields } = options;
  const names = checkNames(options);
  const statusSchema = status === true ? undefined : status;
  const rules = ruleTree(options.merge);
  const judged = spec !== undefined || statusSchema !== undefined || fields !== undefined;
  const schema = judged ? zodSchema({ spec, status: statusSchema, fields: fields ?? {} }) : undefined;
  const schemas = {
    ...(spec === undefined ? undefined : { spec }),
    ...(statusSchema === undefined ? undefined : { status: statusSchema }),
    ...fields,
  };
  return Object.freeze({
    ...names,
    nameRule: 'dns1123subdomain',
    hasStatus: status !== undefined,
    scale: options.scale === undefined ? undefined : Object.freeze({ ...options.scale }),
    hasGeneration: true,
    unconditionalUpdate: false,
    ttl: checkTimeToLive(options.ttl),
    selectableFields: Object.freeze([...(options.selectableFields ?? [])]),
    mergeSchema: kindMergeSchema(judged ? schemas : undefined, rules),
    schema: listTypeSchema(schema, rules),
  });
}
