import type { UserInfo } from '../client/index.js';
import type { Kind } from './kind.js';

/** Who asks for a write, and for what. */
export interface WriteContext {
  readonly verb: 'create' | 'update' | 'patch' | 'apply' | 'delete' | 'deletecollection';
  readonly user?: UserInfo | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The object that is written, where that is known before: writes to one object take turns. */
  readonly kind?: Kind | undefined;
  readonly place?: string | undefined;
}
