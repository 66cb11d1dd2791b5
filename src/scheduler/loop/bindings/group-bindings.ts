import type { Client } from '../../../client/index.js';
import type { ApiObject, Clock } from '../../../core/index.js';
import type { Cluster, HostSlot } from '../../cluster/index.js';
import { unschedulable, type Verdict } from '../../framework/index.js';
import type { Gang, GangBook } from '../../gangs/index.js';
import type { BindFailure } from './binding.js';
import type { Bindings } from './bindings.js';
import { GroupBinding } from './group-binding.js';
import type { Outcomes } from '../attempts/outcomes.js';
import type { Try } from '../attempts/try.js';

/** Where one member of a group goes. */
export interface Place<W extends ApiObject, H extends ApiObject> {
  readonly tried: Try<W, H>;
  readonly host: HostSlot<W, H>;
  /** The plugins that hold it back, with their time-outs in milliseconds. */
  readonly waits: Map<string, number>;
}

/** What {@link GroupBindings} work with. */
export interface GroupBindingsParts<W extends ApiObject, H extends ApiObject> {
  readonly clock: Clock;
  readonly cluster: Cluster<W, H>;
  readonly book: GangBook<W>;
  readonly bindings: Bindings<W, H>;
  readonly outcomes: Outcomes<W, H>;
  /** There may be nothing to do at the moment. */
  readonly onQuiet: () => void;
}

/** Binds the members of groups, each group together. */
export class GroupBindings<W extends ApiObject, H extends ApiObject> {
  readonly #parts: GroupBindingsParts<W, H>;
  // the groups of which members are placed and held back, by key
  readonly #held = new Map<string, GroupBinding>();

  constructor(parts: GroupBindingsParts<W, H>) {
    this.#parts = parts;
  }

  /** Starts to bind members of a group that are on their hosts: none is bound before all may be. */
  start(client: Client, gang: Gang, places: readonly Place<W, H>[]): void {
    const { bindings, outcomes, onQuiet } = this.#parts;
    const together = this.#bindingOf(gang);
    for (const { tried, host } of places) together.join(tried.workload.key, host.name);
    for (const { tried, host, waits } of places) {
      const { workload, profile } = tried;
      bindings.start({
        client,
        workload,
        host: host.name,
        members: profile.members,
        waits,
        together: () => together.ready(workload.key),
        onEnd(result, latest) {
          if (result.end === 'bound') {
            outcomes.bindingEnded(tried, host.name, result, latest);
          } else {
            outcomes.giveBack(tried, host.name, latest);
            const why = whyWithout(workload.key, result);
            together.left(workload.key, why, (own) => outcomes.notBound(tried, result, own));
          }
          onQuiet();
        },
      });
    }
  }

  /** What holds the members of a group back that are placed and not bound. */
  #bindingOf({ key, timeout }: Gang): GroupBinding {
    const known = this.#held.get(key);
    if (known !== undefined) return known;
    const { clock, cluster, book, bindings } = this.#parts;
    const together = new GroupBinding(clock, timeout, {
      isThere: (host) => cluster.host(host) !== undefined,
      isShort: () => book.missing(key) > 0,
      reject: (member, verdict) => bindings.reject(member, verdict),
      ended: () => this.#held.delete(key),
    });
    this.#held.set(key, together);
    return together;
  }
}

/** What the others of a group are told where one of them was rejected. */
export function becauseOf(key: string, { plugin, reasons }: Verdict): Verdict {
  return { ...unschedulable(`${key} of the same group was rejected: ${reasons.join(', ')}`), plugin };
}

/** Why others of a group cannot be bound without one whose binding has come to nothing. */
function whyWithout(key: string, result: BindFailure<ApiObject>): Verdict {
  if (result.end === 'rejected') return becauseOf(key, result.verdict);
  const what =
    result.end === 'failed' ? `could not be bound: ${String(result.error)}` : 'is not to be bound any more';
  return { ...unschedulable(`${key} of the same group ${what}`), plugin: '' };
}
