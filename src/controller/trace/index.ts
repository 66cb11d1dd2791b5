export type { Cause, ExplainedRun, Explanation } from './explanation.js';
export type { RunRecord, RunStart } from './run-record.js';
export { Trace } from './trace.js';
export type { WriteRecord } from './write-record.js';
