import type { Client } from '../../../client/index.js';
import type { ApiObject } from '../../../core/index.js';
import type { PlacedWorkload } from '../../cluster/index.js';
import type { Member } from '../../engine/profile.js';
import type { Verdict } from '../../framework/index.js';
import { Life } from '../limits/life.js';

/** What became of a binding. */
export type BindResult<W extends ApiObject> = { readonly end: 'bound' } | BindFailure<W>;

/** How a binding has come to nothing. */
export type BindFailure<W extends ApiObject> =
  /** Somebody did not give permission. */
  | { readonly end: 'rejected'; readonly verdict: Verdict }
  /** It is not bound. */
  | { readonly end: 'failed'; readonly error: unknown }
  /** It is nobody's business any more: the workload is gone, or others have placed it as `found` says, or this process does not schedule now. */
  | { readonly end: 'dropped'; readonly found?: W | undefined };

/** What a binding is about. */
export interface BindRequest<W extends ApiObject, H extends ApiObject> {
  /** Writes what has to be written. */
  readonly client: Client;
  readonly workload: PlacedWorkload<W, H>;
  readonly host: string;
  readonly members: readonly Member<W, H>[];
  /** The plugins that hold it back, with their time-outs in milliseconds. */
  readonly waits: ReadonlyMap<string, number>;
  /** For a member of a group: when those that are placed with it may be bound too; undefined where that is now. */
  readonly together?: (() => Promise<void> | undefined) | undefined;
  /** Called once, at once when it is known; `latest` is the newest state of the workload that was told. */
  readonly onEnd: (result: BindResult<W>, latest: W) => void;
}

/**
 * How far a binding has come.
 *
 * - `waiting`: plugins hold it back.
 * - `preparing`: nothing was sent that binds it.
 * - `sent`: it may be bound.
 * - `unknown`: there was no answer, and it is asked what has become of it.
 * - `ended`: it is known.
 */
type BindStage = 'waiting' | 'preparing' | 'sent' | 'unknown' | 'ended';

/** A binding that is under way, or was. */
export class Binding<W extends ApiObject, H extends ApiObject> {
  readonly request: BindRequest<W, H>;
  stage: BindStage;
  /** The newest state of the workload that was told. */
  latest: W;
  /** Whether it was told that the workload is on its host. */
  isSeen = false;
  /** Whether the server has answered that nothing was written: if the workload is on its host, others have placed it. */
  isRefused = false;
  /** Ends when it has ended. */
  readonly life: Life = new Life();

  constructor(request: BindRequest<W, H>) {
    this.request = request;
    this.stage = request.waits.size > 0 ? 'waiting' : 'preparing';
    this.latest = request.workload.object;
  }

  /** Ends it, unless it has ended. @param reason - What to tell those who still work on it. */
  end(result: BindResult<W>, reason: unknown): void {
    if (this.stage === 'ended') return;
    this.stage = 'ended';
    this.life.end(reason);
    this.request.onEnd(result, this.latest);
  }
}
