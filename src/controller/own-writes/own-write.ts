import type { ApiObject, ObjectKey } from '../../core/index.js';
import type { OwnWriteIntent } from './own-write-intent.js';
import type { WriteAnswer } from './write-answer.js';

/** Where a write is in its life. */
export type OwnWriteState = 'sent' | 'answered' | 'shown' | 'told' | 'failed' | 'unknown';

/**
 * The life of one write of a controller.
 *
 *     sent -> answered -> shown -> told
 *          -> failed       (the server refused it: nothing will be told)
 *          -> unknown      (nobody knows the revision of what it did; also from answered and shown, where it is given up)
 *
 * - `sent`: it may happen, may have happened, and may be told of already.
 * - `answered`: it has happened at a revision.
 * - `shown`: every informer that may see the object shows that revision, or a newer one.
 * - `told`: every handler of those informers was told of it.
 *
 * A write makes an echo from its answer on until it is told. The last three states are final.
 */
export class OwnWrite {
  readonly intent: OwnWriteIntent;
  #state: OwnWriteState = 'sent';
  // those of the answer; undefined before it, and where it has none
  #revision: string | undefined;
  #object: ApiObject | undefined;
  #isGone = false;
  // how many informers are to show it; more than 0 in no state but `answered`
  #toShow = 0;
  // how many informers are to tell of it, each after it shows it; 0 in `told`
  #toTell = 0;

  constructor(intent: OwnWriteIntent) {
    this.intent = intent;
  }

  get state(): OwnWriteState {
    return this.#state;
  }

  /** What it was answered with; '' where that is not known. */
  get revision(): string {
    return this.#revision ?? '';
  }

  /** The object that it left; for a deletion, the last one. */
  get object(): ApiObject | undefined {
    return this.#object;
  }

  /** Whether it deleted the object. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** The key of the object; undefined where it is not known (yet). */
  get key(): ObjectKey | undefined {
    return this.intent.key ?? this.#object?.metadata;
  }

  /** Whether it is known to have happened at its revision. */
  get isKnown(): boolean {
    return this.makesEcho || this.#state === 'told';
  }

  /** Whether a change that is told may be its doing, and known to be. */
  get makesEcho(): boolean {
    return this.#state === 'answered' || this.#state === 'shown';
  }

  /** Whether nothing more becomes of it. */
  get isOver(): boolean {
    return this.#state === 'told' || this.#state === 'failed' || this.#state === 'unknown';
  }

  /**
   * The server has answered, with a revision.
   *
   * @param informers - How many may see it: they are to show it, and to tell of it.
   */
  answered({ revision, object, isGone }: WriteAnswer, informers: number): void {
    this.#leave('sent');
    this.#state = 'answered';
    this.#revision = revision;
    this.#object = object;
    this.#isGone = isGone;
    this.#toShow = informers;
    this.#toTell = informers;
    this.#goOn();
  }

  /** The server refused it. */
  failed(): void {
    this.#leave('sent');
    this.#state = 'failed';
  }

  /** It is not known what it did, or nobody cares any more. */
  forget(): void {
    if (!this.isOver) this.#state = 'unknown';
  }

  /** One more of the informers that are to show it does. */
  shown(): void {
    if (this.#state !== 'answered') return;
    this.#toShow -= 1;
    this.#goOn();
  }

  /** One more of the informers has told of it. */
  told(): void {
    if (!this.makesEcho) return;
    this.#toTell -= 1;
    this.#goOn();
  }

  #goOn(): void {
    if (this.#state === 'answered' && this.#toShow === 0) this.#state = 'shown';
    if (this.#state === 'shown' && this.#toTell === 0) this.#state = 'told';
  }

  #leave(state: OwnWriteState): void {
    if (this.#state !== state) throw new Error(`own write: expected ${state}, was ${this.#state}`);
  }
}
