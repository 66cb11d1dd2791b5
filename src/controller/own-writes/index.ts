export { OwnWrites, type ReadYourWrites } from './own-writes.js';
export type { ToldChange } from './told-change.js';
export { STALE_AFTER } from './waits.js';
export type { WatchedInformer } from './watched-informer.js';
export type { OwnWriteIntent } from './own-write-intent.js';
