export type { EmitterLike, EmitterSource, Source, SourceContext } from './source.js';
export { SourceRun } from './source-run.js';
