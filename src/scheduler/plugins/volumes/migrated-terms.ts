import type {
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PersistentVolume,
} from '../../../resources/kinds/index.js';

const ZONE = 'topology.kubernetes.io/zone';
const REGION = 'topology.kubernetes.io/region';
const BETA_ZONE = 'failure-domain.beta.kubernetes.io/zone';
const BETA_REGION = 'failure-domain.beta.kubernetes.io/region';

/**
 * Which nodes can reach a volume, in the labels of the CSI driver that serves it now; undefined where all can.
 *
 * Zones go by the driver's label: those that the volume's node affinity asks for, or else those that its own labels name. The older
 * label of regions becomes the newer.
 *
 * Source: `translateTopologyFromInTreeToCSI` of k8s.io/csi-translation-lib.
 */
export function migratedTerms(
  { metadata, spec }: PersistentVolume,
  zoneKey: string,
): readonly NodeSelectorTerm[] | undefined {
  const terms = spec?.nodeAffinity?.required?.nodeSelectorTerms;
  const labels = metadata.labels ?? {};
  const isBeta =
    asksFor(terms, ZONE) || (!asksFor(terms, BETA_ZONE) && Object.hasOwn(labels, ZONE))
      ? false
      : asksFor(terms, BETA_ZONE) || Object.hasOwn(labels, BETA_ZONE);
  const zoneLabel = isBeta ? BETA_ZONE : ZONE;
  if (asksFor(terms, zoneLabel)) {
    const renamed = rename(terms, zoneLabel, zoneKey);
    return isBeta ? rename(renamed, BETA_REGION, REGION) : renamed;
  }
  const zones = (Object.hasOwn(labels, zoneLabel) ? (labels[zoneLabel] as string) : '').split('__');
  const named = zones.filter((zone) => zone !== '');
  const moved = isBeta ? rename(terms, BETA_REGION, REGION) : terms;
  if (named.length === 0) return moved;
  const inZones: NodeSelectorRequirement = { key: zoneKey, operator: 'In', values: [...new Set(named)] };
  if (moved === undefined || moved.length === 0) return [{ matchExpressions: [inZones] }];
  return moved.map((term) => ({ ...term, matchExpressions: [...(term.matchExpressions ?? []), inZones] }));
}

function asksFor(terms: readonly NodeSelectorTerm[] | undefined, key: string): boolean {
  return terms?.some(({ matchExpressions = [] }) => matchExpressions.some((one) => one.key === key)) ?? false;
}

function rename(
  terms: readonly NodeSelectorTerm[] | undefined,
  from: string,
  to: string,
): readonly NodeSelectorTerm[] | undefined {
  return terms?.map((term) => ({
    ...term,
    ...(term.matchExpressions && {
      matchExpressions: term.matchExpressions.map((one) => (one.key === from ? { ...one, key: to } : one)),
    }),
  }));
}
