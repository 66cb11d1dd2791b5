/** Letters and digits that make no words and look like nothing else, as Kubernetes has them in names. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * A short text that is the same for equal JSON values, whatever the order of their keys, and differs for others as good as always.
 *
 * FNV-1a with 64 bits, of which nine letters are kept.
 */
export function hashOf(value: unknown): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(canonical(value))) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  let text = '';
  for (let left = hash; text.length < 9; left /= BigInt(ALPHABET.length)) {
    text += ALPHABET.charAt(Number(left % BigInt(ALPHABET.length)));
  }
  return text;
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
