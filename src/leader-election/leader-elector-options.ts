import type { EventEmitter } from 'eventemitter3';
import type { Logger, MetricsProvider } from '../core/index.js';
import type { Lock } from './lock.js';
import type { Term, TermEnd } from './term.js';
import type { ElectionTiming } from './timing.js';

/** How electors behave, whatever they lead. */
export interface ElectionOptions extends ElectionTiming {
  /**
   * Gives the lease up when the elector is told to stop, once the callback has ended, so that the next leader need not wait for its end;
   * true unless given. A callback that returns or throws gives it up in any case.
   */
  readonly releaseOnCancel?: boolean | undefined;
  /** Refuses to run where the server cannot check guards; false unless given. */
  readonly requireFencing?: boolean | undefined;
  readonly logger?: Logger | undefined;
  readonly metrics?: MetricsProvider | undefined;
}

/** What a {@link LeaderElector} is made from. */
export interface LeaderElectorOptions extends ElectionOptions {
  readonly lock: Lock;
  /** Names the elector in its metrics; the name of the lock unless given. */
  readonly name?: string | undefined;
}

/** The events of an elector, with what their listeners are given. */
export interface LeaderElectionEvents {
  /** Somebody else leads than before, as far as is known; undefined where nobody does. */
  newLeader: [identity: string | undefined];
  /** A term of this process began: its callback is called next. */
  termStarted: [term: Term];
  /** The signal of a term of this process aborted. */
  termEnded: [term: Term, why: TermEnd];
}

/** Where to listen to an elector's events; listeners are called at once and must not throw. */
export type LeaderElectionEmitter = Pick<EventEmitter<LeaderElectionEvents>, 'on' | 'once' | 'off'>;

/** What a leader does: until the term's signal aborts, or until it has nothing more to do. */
export type Lead = (term: Term) => Promise<void> | void;
