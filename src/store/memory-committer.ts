import { type Attempt, writeOf } from './attempt.js';
import { type Committer, Stale } from './committer.js';
import { checkGuards } from './guards.js';
import type { Kinds } from './kinds.js';
import type { State, Write } from './state.js';
import type { Steps } from './steps.js';
import { tell } from './store-target.js';
import type { StoredObject } from './stored-object.js';
import type { WriteRule } from './write-rule.js';

/** Commits to the memory of this process alone: all of it inside the call. */
export class MemoryCommitter implements Committer {
  readonly #kinds: Kinds;
  readonly #state: State;
  readonly #rules: readonly WriteRule[];

  constructor(kinds: Kinds, state: State, rules: readonly WriteRule[]) {
    this.#kinds = kinds;
    this.#state = state;
    this.#rules = rules;
  }

  opened(): undefined {
    return undefined;
  }

  commit(attempt: Attempt): undefined {
    if (!attempt.isCurrent()) throw new Stale();
    checkGuards(attempt.guards, this.#kinds);
    const changed = attempt.changed();
    if (changed.length === 0) return;
    const writes = changed.map(writeOf);
    const objects = this.#state.commit(writes);
    changed.forEach((touched, index) => {
      const object = objects[index] as StoredObject;
      touched.result = object;
      tell(this.#rules, writes[index] as Write, touched.was, object);
    });
  }

  *refresh(): Steps<void> {
    // the state is all there is
  }
}
