import { ApiError, type Random } from '../core/index.js';
import type { Kind } from './kind.js';
import type { WriteTarget } from './write-target.js';

/** Attempts to find a free name for a generateName. */
const ATTEMPTS = 8;
const PREFIX_LENGTH = 58;
const SUFFIX_LENGTH = 5;
/** Kubernetes' own: no vowels, so no words; no digits that look like letters. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * A name that no object of the kind has in the namespace: the prefix and five random characters.
 *
 * @throws ApiError AlreadyExists where eight attempts found none.
 * Source: `names.SimpleNameGenerator` in k8s.io/apiserver.
 */
export function freeName(
  kind: Kind,
  target: WriteTarget,
  generateName: string,
  namespace: string,
  random: Random,
): string {
  const base = generateName.slice(0, PREFIX_LENGTH);
  let name = '';
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    name = base;
    for (let index = 0; index < SUFFIX_LENGTH; index += 1)
      name += ALPHABET[random.integer(ALPHABET.length)] as string;
    if (target.find(kind, namespace, name) === undefined) return name;
  }
  throw ApiError.alreadyExists(kind.resource, name);
}
