export { annotationsChanged } from './annotations-changed.js';
export { generationChanged } from './generation-changed.js';
export { labelsChanged } from './labels-changed.js';
export { and, not, or } from './logic.js';
export { matchesLabels } from './matches-labels.js';
export { passesAll } from './passes-all.js';
export type { ObjectChange, Predicate } from './predicate.js';
export { resourceVersionChanged } from './resource-version-changed.js';
