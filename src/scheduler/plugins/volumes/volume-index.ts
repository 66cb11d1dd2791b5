import type { AnyResource } from '../../../resources/index.js';
import { type Node, PersistentVolume, type Pod } from '../../../resources/kinds/index.js';
import type { ClusterIndex, ClusterView, ObjectTable } from '../../framework/index.js';
import { AssumedBindings } from './assumed-bindings.js';
import { classNameOf } from './claim.js';
import { VolumeFacts } from './volume-facts.js';

const NO_VOLUMES: readonly VolumeFacts[] = /* @__PURE__ */ Object.freeze([]);

/** The PersistentVolumes by storage class, and what is assumed of them. */
export class VolumeIndex implements ClusterIndex<Pod, Node> {
  static make(cluster: ClusterView<Pod, Node>): VolumeIndex {
    return new VolumeIndex(cluster);
  }

  /** What is decided and not written yet. */
  readonly assumed: AssumedBindings = new AssumedBindings();
  readonly #volumes: ObjectTable<PersistentVolume>;
  // what was read of each state of a volume
  readonly #facts = new WeakMap<PersistentVolume, VolumeFacts>();
  // all volumes by class, the smallest first; undefined as long as nobody has asked since a volume changed
  #byClass: Map<string, VolumeFacts[]> | undefined;

  constructor(cluster: ClusterView<Pod, Node>) {
    this.#volumes = cluster.objects(PersistentVolume);
  }

  objectChanged({ group, kind }: AnyResource): void {
    if (group === PersistentVolume.group && kind === PersistentVolume.kind) this.#byClass = undefined;
  }

  /** The volume of a name; undefined where there is none. */
  get(name: string): VolumeFacts | undefined {
    const volume = this.#volumes.get({ name });
    return volume === undefined ? undefined : this.#factsOf(volume);
  }

  /** The volumes of a class, the smallest first, equal ones by name. */
  ofClass(name: string): readonly VolumeFacts[] {
    this.#byClass ??= this.#sorted();
    return this.#byClass.get(name) ?? NO_VOLUMES;
  }

  #factsOf(volume: PersistentVolume): VolumeFacts {
    let facts = this.#facts.get(volume);
    if (facts === undefined) this.#facts.set(volume, (facts = new VolumeFacts(volume)));
    return facts;
  }

  #sorted(): Map<string, VolumeFacts[]> {
    const byClass = new Map<string, VolumeFacts[]>();
    for (const volume of this.#volumes) {
      const name = classNameOf(volume);
      const volumes = byClass.get(name);
      if (volumes === undefined) byClass.set(name, [this.#factsOf(volume)]);
      else volumes.push(this.#factsOf(volume));
    }
    for (const volumes of byClass.values()) volumes.sort((a, b) => a.compare(b));
    return byClass;
  }
}
