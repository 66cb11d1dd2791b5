import { ApiError, preview } from '../core/index.js';

/** The revision of a token that lets an expired list go on: its later pages are newer than its first. */
export const NEWEST = -1;

/** Where the next page begins. */
export interface ContinueToken {
  /** The revision at which all pages are read; {@link NEWEST} goes on at whatever is the newest. */
  readonly revision: number;
  /** The last key of the page before. */
  readonly namespace: string;
  readonly name: string;
}

/** Kubernetes' own form: base64url of JSON with the revision and the key at which to go on. */
export function formatContinue({ revision, namespace, name }: ContinueToken): string {
  const json = JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: `${namespace}/${name}\u0000` });
  // btoa takes no other characters; JSON has an escape for them
  const ascii = json.replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return btoa(ascii).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** @throws ApiError BadRequest unless the text is what {@link formatContinue} wrote. */
export function parseContinue(text: string): ContinueToken {
  try {
    const value: unknown = JSON.parse(atob(text.replaceAll('-', '+').replaceAll('_', '/')));
    if (typeof value === 'object' && value !== null) {
      const { v, rv, start } = value as { v?: unknown; rv?: unknown; start?: unknown };
      const parts = typeof start === 'string' ? /^([^/]*)\/([^/]+)\0$/.exec(start) : null;
      if (
        v === 'meta.k8s.io/v1' &&
        typeof rv === 'number' &&
        Number.isSafeInteger(rv) &&
        (rv > 0 || rv === NEWEST) &&
        parts !== null
      ) {
        return { revision: rv, namespace: parts[1] as string, name: parts[2] as string };
      }
    }
  } catch {
    // neither base64 nor JSON: told below, like everything else that is no token
  }
  throw ApiError.badRequest(`expected a token that a list gave, got ${preview(text)}`, 'continue');
}
