import { formatTime, type ObjectKey, type OwnerReference } from '../core/index.js';
import type { AnyResource } from '../resources/index.js';
import type { Change } from './change.js';
import { checkKey } from './check-key.js';
import { FOREGROUND, ORPHAN } from './deletion.js';
import type { Kind } from './kind.js';
import type { Kinds } from './kinds.js';
import { blocks, ownerOf } from './owner.js';
import type { State } from './state.js';
import type { StoredObject } from './stored-object.js';
import { lifeOf } from './time-of-life.js';

/** Why an object is there, or is not. */
export interface Explanation {
  /** `terminating`: its deletion was asked for, and something holds it. `unknown`: there is none, and the past that is kept knows of none. */
  readonly state: 'present' | 'terminating' | 'deleted' | 'unknown';
  /** The revision that made it so; for `unknown`, the oldest that is looked back to. */
  readonly resourceVersion: string;
  /** Never empty. */
  readonly reasons: readonly Reason[];
}

/** One fact that has to do with it. */
export interface Reason {
  readonly type: /** An owner is there and keeps it. */
    | 'OwnerPresent'
    /** An owner is gone. */
    | 'OwnerGone'
    /** A finalizer has to be removed by whoever set it. */
    | 'Finalizer'
    /** Objects that name it as their owner have to go first, or to lose that reference. */
    | 'Dependents'
    /** A namespace that is not empty. */
    | 'Content'
    /** Its namespace is, or was, being deleted. */
    | 'NamespaceTerminating'
    /** Whoever runs it has some time left to wind it up. */
    | 'GracePeriod'
    /** It lives for so long after its last change. */
    | 'TimeToLive'
    /** Nothing else has to do with it. */
    | 'Request'
    /** What happened is no longer known. */
    | 'NotKept';
  /** A sentence. */
  readonly message: string;
}

/** How many objects a sentence names. */
const MOST_NAMED = 5;

/** Tells from the state and its past why objects are kept or were deleted. */
export class Explainer {
  readonly #kinds: Kinds;
  readonly #state: State;

  constructor(kinds: Kinds, state: State) {
    this.#kinds = kinds;
    this.#state = state;
  }

  explain(resource: AnyResource, key: ObjectKey): Explanation {
    const kind = this.#kinds.of(resource);
    checkKey(kind.resource, key);
    const { name, namespace = '' } = key;
    const object = kind.table.get(namespace, name)?.object;
    if (object !== undefined) {
      const { deletionTimestamp, resourceVersion } = object.metadata;
      return deletionTimestamp === undefined
        ? { state: 'present', resourceVersion, reasons: this.#whyPresent(kind, object) }
        : { state: 'terminating', resourceVersion, reasons: this.#whyHeld(kind, object) };
    }
    const deletion = this.#find(
      (change) => change.kind === kind && change.namespace === namespace && change.name === name,
    );
    if (deletion === undefined) {
      const { compacted } = this.#state.log;
      const message = `there is none, and there was none since revision ${compacted}, the oldest that is kept`;
      return {
        state: 'unknown',
        resourceVersion: String(compacted),
        reasons: [{ type: 'NotKept', message }],
      };
    }
    return {
      state: 'deleted',
      resourceVersion: String(deletion.revision),
      reasons: this.#whyDeleted(deletion),
    };
  }

  #whyPresent(kind: Kind, object: StoredObject): readonly Reason[] {
    const reasons = (object.metadata.ownerReferences ?? []).map((reference): Reason => {
      const owner = ownerOf(this.#kinds, reference, object);
      if (owner === 'gone') return { type: 'OwnerGone', message: `its owner ${named(reference)} is gone` };
      const what = owner === 'unknown' ? 'cannot be looked for, and is taken to be there' : 'is there';
      return { type: 'OwnerPresent', message: `its owner ${named(reference)} ${what}` };
    });
    const life = lifeOf(kind.resource, object);
    if (life !== undefined) {
      const message = `it is deleted ${life} ms after its last change`;
      reasons.push({ type: 'TimeToLive', message });
    }
    return reasons.length > 0 ? reasons : [{ type: 'Request', message: 'nobody has asked for its deletion' }];
  }

  #whyHeld(kind: Kind, object: StoredObject): readonly Reason[] {
    const { finalizers = [], uid, deletionTimestamp, deletionGracePeriodSeconds = 0 } = object.metadata;
    const reasons: Reason[] = [];
    for (const finalizer of finalizers) {
      if (finalizer !== FOREGROUND && finalizer !== ORPHAN) {
        const message = `the finalizer ${finalizer} has to be removed by whoever set it`;
        reasons.push({ type: 'Finalizer', message });
        continue;
      }
      const dependents = this.#state.owners
        .dependents(uid)
        .map(({ slot }) => slot.object)
        .filter((dependent) => finalizer === ORPHAN || blocks(dependent, uid));
      const what = finalizer === ORPHAN ? 'still name it as their owner' : 'have to go before it';
      reasons.push({ type: 'Dependents', message: `${listed(dependents)} ${what}` });
    }
    if (kind.resource.group === '' && kind.resource.kind === 'Namespace') {
      const content = this.#kinds
        .all()
        .flatMap(({ namespaced, table }) => (namespaced ? [...table.slots(object.metadata.name)] : []));
      if (content.length > 0) {
        const what = listed(content.map((slot) => slot.object));
        reasons.push({ type: 'Content', message: `the namespace is not empty: ${what} are still in it` });
      }
    }
    if (deletionGracePeriodSeconds > 0) {
      const message = `whoever runs it has ${deletionGracePeriodSeconds} seconds to wind it up, until ${String(deletionTimestamp)}, and removes it`;
      reasons.push({ type: 'GracePeriod', message });
    }
    return reasons.length > 0 ? reasons : [{ type: 'Request', message: 'it is about to go' }];
  }

  #whyDeleted(deletion: Change): readonly Reason[] {
    const object = deletion.previous as StoredObject;
    const { ownerReferences = [], namespace, deletionTimestamp } = object.metadata;
    const reasons: Reason[] = [];
    for (const reference of ownerReferences) {
      const gone = this.#find(
        ({ type, previous, revision }) =>
          type === 'DELETED' && previous?.metadata.uid === reference.uid && revision < deletion.revision,
      );
      if (gone !== undefined) {
        const message = `its owner ${named(reference)} had been deleted at revision ${gone.revision}`;
        reasons.push({ type: 'OwnerGone', message });
      }
    }
    const terminating = namespace === undefined ? undefined : this.#terminating(namespace, deletion.revision);
    if (terminating !== undefined) {
      const message = `the deletion of its namespace had been asked for at revision ${terminating.revision}`;
      reasons.push({ type: 'NamespaceTerminating', message });
    }
    const life = lifeOf(deletion.kind.resource, object);
    const changed = this.#find(
      ({ object: { metadata }, revision }) =>
        metadata.uid === object.metadata.uid && revision < deletion.revision,
    );
    if (life !== undefined && changed !== undefined && deletion.time - changed.time >= life) {
      const message = `it had not changed for ${life} ms, which is its time to live`;
      reasons.push({ type: 'TimeToLive', message });
    }
    if (deletionTimestamp !== undefined) {
      const message = `its deletion had been asked for before ${deletionTimestamp}, and what held it was gone`;
      reasons.push({ type: 'Request', message });
    } else if (reasons.length === 0) {
      const message = `its deletion was asked for at ${formatTime(deletion.time)}, and nothing held it`;
      reasons.push({ type: 'Request', message });
    }
    return reasons;
  }

  /** The change that marked a namespace as one to go, before a revision. */
  #terminating(name: string, before: number): Change | undefined {
    return this.#find(
      ({ kind, object, previous, revision }) =>
        kind.resource.group === '' &&
        kind.resource.kind === 'Namespace' &&
        object.metadata.name === name &&
        object.metadata.deletionTimestamp !== undefined &&
        previous?.metadata.deletionTimestamp === undefined &&
        revision < before,
    );
  }

  /** The newest change that is kept and fits. */
  #find(fits: (change: Change) => boolean): Change | undefined {
    let found: Change | undefined;
    for (const change of this.#state.log.after(this.#state.log.compacted)) if (fits(change)) found = change;
    return found;
  }
}

function named({ kind, name }: OwnerReference): string {
  return `${kind} ${JSON.stringify(name)}`;
}

function listed(objects: readonly StoredObject[]): string {
  const names = objects
    .slice(0, MOST_NAMED)
    .map(({ kind, metadata }) => `${kind} ${JSON.stringify(metadata.name)}`);
  const rest = objects.length - names.length;
  return `${objects.length} (${names.join(', ')}${rest > 0 ? `, and ${rest} more` : ''})`;
}
