import { MAX_SCORE, type ScorePlugin } from './plugin.js';
import type { Cluster } from './cluster.js';
import type { Node, Pod } from './types.js';

const MEGABYTE = 1024 * 1024;
const SMALLEST = 23 * MEGABYTE;
const LARGEST_OF_ONE = 1000 * MEGABYTE;

/** Prefers nodes that have the pod's images; an image counts by its size, and by the share of nodes that have it. */
export const imageLocality: ScorePlugin = {
  name: 'ImageLocality',
  weight: 1,
  score: (pod, nodes, cluster) => {
    const images = imagesOf(pod);
    const largest = LARGEST_OF_ONE * containerCount(pod);
    return nodes.map((node) => {
      const size = images.reduce((sum, image) => sum + weighedSize(image, node, cluster), 0);
      const within = Math.max(SMALLEST, Math.min(size, largest));
      return Math.trunc((MAX_SCORE * (within - SMALLEST)) / (largest - SMALLEST));
    });
  },
};

function containerCount(pod: Pod): number {
  return pod.spec.containers.length + (pod.spec.initContainers ?? []).length;
}

function imagesOf(pod: Pod): readonly string[] {
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(({ image }) => image);
  const volumes = (pod.spec.volumes ?? []).map(({ image }) => image?.reference);
  return [...containers, ...volumes].map((image) => withTag(image ?? ''));
}

/** A name without a tag or digest stands for the latest one. */
function withTag(image: string): string {
  return image.lastIndexOf(':') > image.lastIndexOf('/') ? image : `${image}:latest`;
}

function weighedSize(image: string, node: Node, cluster: Cluster): number {
  const size = sizeOn(node, image);
  if (size === undefined) return 0;
  const having = cluster.nodes.filter((other) => sizeOn(other, image) !== undefined).length;
  return Math.trunc(size * (having / cluster.nodes.length));
}

/** Undefined where the node does not have the image. */
function sizeOn(node: Node, image: string): number | undefined {
  return (node.status.images ?? []).find(({ names }) => names.includes(image))?.sizeBytes;
}
