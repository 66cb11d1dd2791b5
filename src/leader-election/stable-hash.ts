/**
 * A whole number from 0 to 2 ** 32 - 1 that depends on the text alone: the same on every machine, in every version.
 *
 * Source: FNV-1a with 32 bits over the UTF-8 bytes (Fowler, Noll, Vo), and then the finalizer of MurmurHash3 (Appleby).
 */
export function stableHash(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
