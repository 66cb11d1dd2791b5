import { SKIP, type FilterPlugin, type ScorePlugin } from './plugin.js';

const NAME = 'DynamicResources';

/** Resource claims are not covered: of a pod without any, the filter says nothing, and the score is 0 everywhere. */
export const dynamicResources: FilterPlugin = {
  name: NAME,
  preFilter: () => SKIP,
  filter: () => undefined,
};

export const dynamicResourcesScore: ScorePlugin = {
  name: NAME,
  weight: 2,
  score: (_, nodes) => nodes.map(() => 0),
};
