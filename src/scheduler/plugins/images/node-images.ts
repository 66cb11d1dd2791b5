import type { Node, Pod } from '../../../resources/kinds/index.js';
import type { ClusterIndex, ClusterView, HostInfo } from '../../framework/index.js';

/** The name of an image with its tag, `latest` where none is given. */
export function imageName(image: string): string {
  return image.lastIndexOf(':') > image.lastIndexOf('/') ? image : `${image}:latest`;
}

/** Which nodes have an image. */
export class NodeImages implements ClusterIndex<Pod, Node> {
  static make(cluster: ClusterView<Pod, Node>): NodeImages {
    const images = new NodeImages();
    for (const host of cluster.hosts()) images.hostEntered(host);
    return images;
  }

  // by the name of the image, by the index of the host: its size there; no map in here is empty
  readonly #sizes = new Map<string, Map<number, number>>();
  #version = 0;
  // what has changed since the version was asked for last: by name how many hosts more have the image, and how many hosts there are more
  readonly #more = new Map<string, number>();
  #moreHosts = 0;

  /**
   * A number that changes with the number of hosts that have some image, and that of all hosts where there are images: a host that leaves
   * and comes back with the same images changes nothing.
   */
  get version(): number {
    let hasChanged = this.#moreHosts !== 0 && this.#sizes.size > 0;
    for (const more of this.#more.values()) if (more !== 0) hasChanged = true;
    if (hasChanged) this.#version += 1;
    this.#more.clear();
    this.#moreHosts = 0;
    return this.#version;
  }

  /** The sizes of an image by the index of the host; undefined where no host has it. */
  sizes(image: string): ReadonlyMap<number, number> | undefined {
    return this.#sizes.get(image);
  }

  hostEntered({ index, object }: HostInfo<Pod, Node>): void {
    this.#moreHosts += 1;
    for (const { names = [], sizeBytes = 0 } of object.status?.images ?? []) {
      for (const name of names) {
        let sizes = this.#sizes.get(name);
        if (sizes === undefined) this.#sizes.set(name, (sizes = new Map()));
        if (sizes.has(index)) continue;
        sizes.set(index, sizeBytes);
        this.#more.set(name, (this.#more.get(name) ?? 0) + 1);
      }
    }
  }

  hostLeaving({ index, object }: HostInfo<Pod, Node>): void {
    this.#moreHosts -= 1;
    for (const { names = [] } of object.status?.images ?? []) {
      for (const name of names) {
        const sizes = this.#sizes.get(name);
        if (sizes?.delete(index) !== true) continue;
        if (sizes.size === 0) this.#sizes.delete(name);
        this.#more.set(name, (this.#more.get(name) ?? 0) - 1);
      }
    }
  }
}
