import type { ObjectKey } from '../../core/index.js';
import type { AnyResource } from '../../resources/index.js';

/** What a reconcile is about to write. */
export interface OwnWriteIntent {
  readonly verb: 'create' | 'update' | 'patch' | 'apply' | 'delete' | 'deleteCollection' | 'subresource';
  readonly resource: AnyResource;
  /** Undefined for a collection, and for an object that the server names. */
  readonly key: ObjectKey | undefined;
  /** The text of the request whose reconcile writes. */
  readonly request: string;
  readonly dryRun: boolean;
  /**
   * What is sent: the object of an update or an apply, the patch, the body of a subresource.
   *
   * Without it nothing shows that an answer is the writer's own doing, and not an earlier change of somebody else that left nothing to
   * do: such a write makes no echo.
   */
  readonly body?: unknown;
}
