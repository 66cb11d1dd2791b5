import type { Storage } from './storage.js';

/** Keeps objects in the memory of the store and nowhere else: as they are, not encoded, and for as long as the store is open. */
export function memoryStorage(): Storage {
  return MEMORY;
}

const MEMORY: Storage = /* @__PURE__ */ Object.freeze({ name: 'memory' });
