import type { Node, Pod, PodSpec } from '../../resources/kinds/index.js';
import { definePlugin, type ClusterView, type Plugin } from '../framework/index.js';
import { factsOf } from '../pods/pod-facts.js';
import { imageName, NodeImages } from './images/node-images.js';

const MEGABYTE = 1024 * 1024;
/** What is there in all counts from here on, and up to so much for each container. */
const LEAST = 23 * MEGABYTE;
const MOST = 1000 * MEGABYTE;

/** The images of a Pod, and what is known of images. */
interface State {
  readonly known: NodeImages;
  readonly cluster: ClusterView<Pod, Node>;
  readonly names: readonly string[];
  readonly most: number;
}

/**
 * Likes nodes better the more of the images of a Pod they have, by size; what few nodes have counts less, so that Pods do not all go there.
 *
 * Where nodes differ about the size of an image, each counts with what it says itself.
 */
export function imageLocality(): Plugin<Pod, Node> {
  return definePlugin<Pod, Node, unknown, State>({
    name: 'ImageLocality',
    reads: {
      part: (pod) => factsOf(pod).spec.of(partOf),
      placed: false,
      version: (cluster) => cluster.index(NodeImages).version,
      indexes: [NodeImages],
    },
    preScore(pod, cluster) {
      const { names, containers } = factsOf(pod).spec.of(imagesOf);
      return { state: { known: cluster.index(NodeImages), cluster, names, most: MOST * containers } };
    },
    score(_pod, { index }, { known, cluster, names, most }) {
      let sum = 0;
      for (const name of names) {
        const sizes = known.sizes(name);
        const size = sizes?.get(index);
        if (sizes !== undefined && size !== undefined) sum += Math.trunc(size * (sizes.size / cluster.size));
      }
      if (sum <= LEAST) return 0;
      return Math.trunc((100 * (Math.min(sum, most) - LEAST)) / (most - LEAST));
    },
  });
}

/** The images of all containers and volumes of a Pod, each as often as it is named, and how many containers there are. */
function imagesOf(spec: PodSpec): { readonly names: readonly string[]; readonly containers: number } {
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  const names = containers.map(({ image = '' }) => imageName(image));
  for (const { image } of spec.volumes ?? []) {
    if (image !== undefined) names.push(imageName(image.reference ?? ''));
  }
  return { names, containers: containers.length };
}

function partOf(spec: PodSpec): string {
  return JSON.stringify(imagesOf(spec));
}
