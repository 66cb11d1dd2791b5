import { formatApiVersion, preview, type Scope, validateName } from '../core/index.js';

/** The names of a kind, as its author gives them. */
export interface KindNames {
  /** `''` is the core group; else a DNS subdomain such as `example.com`. */
  readonly group: string;
  /** As in `v1` or `v1beta2`. */
  readonly version: string;
  /** Upper camel case, as in `Website`. */
  readonly kind: string;
  /** Lower case; guessed from the kind where English leaves one choice. */
  readonly plural?: string | undefined;
  /** `'Namespaced'` unless given. */
  readonly scope?: Scope | undefined;
}

/** The names of a kind, checked and complete. */
export interface CheckedNames {
  readonly group: string;
  readonly version: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly scope: Scope;
}

/**
 * Checks the names of a kind and fills in the plural and the scope.
 *
 * @throws TypeError naming the option, its value and what was expected.
 */
export function checkNames(names: KindNames): CheckedNames {
  const { group, version, kind, scope = 'Namespaced' } = names;
  expectText(
    'group',
    group,
    group === '' || (isText(group) && validateName('dns1123subdomain', group).length === 0),
    "'' or a DNS subdomain such as 'example.com'",
  );
  expectText(
    'version',
    version,
    isText(version) && validateName('dns1035label', version).length === 0,
    "a version such as 'v1' or 'v1beta2'",
  );
  expectText(
    'kind',
    kind,
    isText(kind) && kind.length <= 63 && /^[A-Z][A-Za-z0-9]*$/.test(kind),
    "upper camel case such as 'Website', 63 characters at most",
  );
  const plural = names.plural ?? guessPlural(kind);
  expectText(
    'plural',
    plural,
    isText(plural) && validateName('dns1035label', plural).length === 0,
    "a lower case label such as 'websites'",
  );
  expectText('scope', scope, scope === 'Namespaced' || scope === 'Cluster', "'Namespaced' or 'Cluster'");
  return { group, version, apiVersion: formatApiVersion(group, version), kind, plural, scope };
}

/**
 * The plural of a kind: `s`, `x`, `z`, `ch`, `sh` take `es`, a consonant and `y` become `ies`, all else takes `s`.
 *
 * @throws TypeError where the kind may be a plural already (`Endpoints`): the author must say.
 */
function guessPlural(kind: string): string {
  const word = kind.toLowerCase();
  if (/[^aeious]s$/.test(word)) {
    throw new TypeError(
      `defineResource: plural: the plural of ${JSON.stringify(kind)} is ambiguous, expected it to be given`,
    );
  }
  if (/(s|x|z|ch|sh)$/.test(word)) return `${word}es`;
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return `${word}s`;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function expectText(option: string, value: unknown, holds: boolean, expected: string): void {
  if (!holds) throw new TypeError(`defineResource: ${option}: expected ${expected}, got ${preview(value)}`);
}
