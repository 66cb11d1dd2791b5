import type { NewMeta } from '../core/index.js';
import type { AnyResource, ApplyOf, New, ObjectOf } from '../resources/index.js';

/** The metadata of an {@link ApplyConfiguration}. */
export interface ApplyMeta extends Omit<NewMeta, 'name' | 'generateName'> {
  readonly name: string;
  /** The apply is refused unless the object is this one. */
  readonly uid?: string | undefined;
  /** The apply is a Conflict unless this is the newest revision. */
  readonly resourceVersion?: string | undefined;
}

/**
 * What apply takes for a resource: the fields that its writer has an opinion about, and the name.
 *
 * Every other field may be left out, at any depth. `status` is for the status subresource.
 */
export type ApplyConfiguration<R extends AnyResource> = Omit<ApplyOf<New<R>>, 'metadata'> & {
  readonly metadata: ApplyMeta;
} & StatusOf<ObjectOf<R>>;

type StatusOf<O> = O extends { readonly status?: infer S }
  ? { readonly status?: ApplyOf<S> | undefined }
  : unknown;
