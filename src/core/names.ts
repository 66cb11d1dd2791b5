import { FieldError } from './field-error.js';
import { isOwn } from './json.js';
import { preview } from './preview.js';

/**
 * What a text is meant to name; each has its own rules.
 *
 * - `dns1123label`, `dns1035label`: a namespace, a Service; 63 characters
 * - `dns1123subdomain`: the name of most objects; 253 characters
 * - `qualified-name`: a label or annotation key, `name` or `prefix/name`
 * - `label-value`: may be empty; 63 characters
 * - `path-segment`: the name of kinds that allow almost anything, such as a ClusterRole
 * - `percent`: as in `25%`
 * - `env-var-name`, `configmap-key`, `port-name`: names inside objects
 * - `field-manager`: who writes; 1 to 128 printable characters
 */
export type NameType =
  | 'dns1123label'
  | 'dns1123subdomain'
  | 'dns1035label'
  | 'qualified-name'
  | 'label-value'
  | 'path-segment'
  | 'percent'
  | 'env-var-name'
  | 'configmap-key'
  | 'port-name'
  | 'field-manager';

const LABEL_LENGTH = 63;
const SUBDOMAIN_LENGTH = 253;
const PORT_NAME_LENGTH = 15;
const FIELD_MANAGER_LENGTH = 128;

/** The most that the keys and values of an object's annotations may take together, in UTF-8 bytes: 256 KiB. */
const ANNOTATIONS_SIZE = 256 * 1024;

// every pattern below takes time linear in its input: no quantifier stands inside another
const DNS_1123_LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const DNS_1035_LABEL = /^[a-z](?:[-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN_CHARACTERS = /^[-.a-z0-9]+$/;
const SUBDOMAIN_BAD_EDGE = /^[-.]|[-.]$|\.[-.]|-\./;
const PLAIN_NAME = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const PERCENT = /^[0-9]+%$/;
const ENV_VAR_NAME = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;
const CONFIG_MAP_KEY = /^[-._a-zA-Z0-9]+$/;
const PORT_NAME_CHARACTERS = /^[-a-z0-9]+$/;
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;
const ASCII_UPPER = /[A-Z]+/g;

const VALID: readonly string[] = /* @__PURE__ */ Object.freeze([]);

/**
 * What is wrong with a name, each entry saying what is expected; empty when the name is valid.
 *
 * Only ASCII is allowed wherever characters are restricted, so no lookalike passes. A text that is too long is not looked at
 * further: the time taken never exceeds that of one pass over the text.
 *
 * Source: `k8s.io/apimachinery/pkg/util/validation`, `pkg/api/validation/path` and `ValidateFieldManager`; which names are valid is
 * the same, the messages are our own.
 */
export function validateName(type: NameType, value: string): readonly string[] {
  switch (type) {
    case 'dns1123label':
      return (
        tooLong(value, LABEL_LENGTH) ??
        matching(
          DNS_1123_LABEL,
          value,
          "expected lower case letters, digits and '-', with a letter or digit first and last, as in 'web-1'",
        )
      );
    case 'dns1035label':
      return (
        tooLong(value, LABEL_LENGTH) ??
        matching(
          DNS_1035_LABEL,
          value,
          "expected lower case letters, digits and '-', with a letter first and a letter or digit last, as in 'web-1'",
        )
      );
    case 'dns1123subdomain':
      return subdomain(value);
    case 'qualified-name':
      return qualifiedName(value);
    case 'label-value':
      return labelValue(value);
    case 'path-segment':
      return pathSegment(value);
    case 'percent':
      return matching(PERCENT, value, "expected digits and then '%', as in '25%'");
    case 'env-var-name':
      return keyName(
        ENV_VAR_NAME,
        value,
        "expected letters, digits, '_', '-' and '.', and no digit first, as in 'LOG_LEVEL'",
      );
    case 'configmap-key':
      return (
        tooLong(value, SUBDOMAIN_LENGTH) ??
        keyName(CONFIG_MAP_KEY, value, "expected letters, digits, '_', '-' and '.', as in 'app.conf'")
      );
    case 'port-name':
      return portName(value);
    case 'field-manager':
      return value === '' || value.length > FIELD_MANAGER_LENGTH || UNPRINTABLE.test(value)
        ? [`expected 1 to ${FIELD_MANAGER_LENGTH} printable characters`]
        : VALID;
  }
}

/**
 * What is wrong with the labels of an object; empty when nothing is.
 *
 * Keys are qualified names, values are label values. An error names `path` and the key or value that is wrong.
 *
 * Source: `ValidateLabels` in `k8s.io/apimachinery/pkg/apis/meta/v1/validation`.
 */
export function validateLabels(labels: Readonly<Record<string, string>>, path: string): FieldError[] {
  if (!isMap(labels)) return [notAMap(labels, path)];
  const errors: FieldError[] = [];
  for (const key in labels) {
    if (!isOwn(labels, key)) continue;
    const value: unknown = labels[key];
    const keyProblems = qualifiedName(key);
    const valueProblems = typeof value === 'string' ? labelValue(value) : VALID;
    if (keyProblems.length === 0 && valueProblems.length === 0 && typeof value === 'string') continue;
    const valuePath = keyProblems.length === 0 ? `${path}[${key}]` : path;
    for (const problem of keyProblems) errors.push(FieldError.invalid(path, key, problem));
    for (const problem of valueProblems) errors.push(FieldError.invalid(valuePath, value, problem));
    if (typeof value !== 'string') errors.push(notAString(value, valuePath));
  }
  return errors;
}

/**
 * What is wrong with the annotations of an object; empty when nothing is.
 *
 * Keys are qualified names whose prefix may have upper case letters; values are any text. Keys and values together
 * take at most 256 KiB of UTF-8.
 *
 * Source: `ValidateAnnotations` in `k8s.io/apimachinery/pkg/api/validation`, except that only ASCII letters are
 * lower-cased.
 */
export function validateAnnotations(
  annotations: Readonly<Record<string, string>>,
  path: string,
): FieldError[] {
  if (!isMap(annotations)) return [notAMap(annotations, path)];
  const errors: FieldError[] = [];
  // in UTF-16 units, none of which takes more than 3 bytes
  let length = 0;
  for (const key in annotations) {
    if (!isOwn(annotations, key)) continue;
    const keyProblems = qualifiedName(key, true);
    for (const problem of keyProblems) errors.push(FieldError.invalid(path, key, problem));
    const value: unknown = annotations[key];
    if (typeof value !== 'string') {
      errors.push(notAString(value, keyProblems.length === 0 ? `${path}[${key}]` : path));
      continue;
    }
    length += key.length + value.length;
  }
  const size = length * 3 <= ANNOTATIONS_SIZE ? 0 : byteSize(annotations);
  if (size > ANNOTATIONS_SIZE) {
    const detail = `keys and values take ${size} bytes, expected at most ${ANNOTATIONS_SIZE}`;
    errors.push(FieldError.tooLong(path, undefined, detail));
  }
  return errors;
}

/** How many bytes of UTF-8 the keys and the texts take. */
function byteSize(texts: Readonly<Record<string, unknown>>): number {
  let size = 0;
  for (const key of Object.keys(texts)) {
    const value = texts[key];
    if (typeof value === 'string') size += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  return size;
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function notAMap(value: unknown, path: string): FieldError {
  return FieldError.typeInvalid(path, value, 'expected an object whose values are strings');
}

function notAString(value: unknown, path: string): FieldError {
  return FieldError.typeInvalid(path, value, `expected a string, got ${preview(value)}`);
}

/** The problem of a text over `limit` characters; undefined otherwise. */
function tooLong(value: string, limit: number, what = 'expected'): readonly string[] | undefined {
  return value.length <= limit ? undefined : [`${what} at most ${limit} characters, got ${value.length}`];
}

function matching(pattern: RegExp, value: string, expected: string): readonly string[] {
  return pattern.test(value) ? VALID : [expected];
}

function subdomain(value: string): readonly string[] {
  const long = tooLong(value, SUBDOMAIN_LENGTH);
  if (long !== undefined) return long;
  if (SUBDOMAIN_CHARACTERS.test(value) && !SUBDOMAIN_BAD_EDGE.test(value)) return VALID;
  return [
    "expected lower case letters, digits, '-' and '.', with a letter or digit first and last and around each '.', as in 'a.example.com'",
  ];
}

function plainName(value: string): readonly string[] {
  return matching(
    PLAIN_NAME,
    value,
    "expected letters, digits, '-', '_' and '.', with a letter or digit first and last, as in 'My.name_1'",
  );
}

function labelValue(value: string): readonly string[] {
  return value === '' ? VALID : (tooLong(value, LABEL_LENGTH) ?? plainName(value));
}

function qualifiedName(value: string, anyCasePrefix = false): readonly string[] {
  const slash = value.indexOf('/');
  if (slash === -1) return value.length <= LABEL_LENGTH && PLAIN_NAME.test(value) ? VALID : namePart(value);
  if (value.length > SUBDOMAIN_LENGTH + 1 + LABEL_LENGTH) {
    return [
      `expected at most ${SUBDOMAIN_LENGTH} characters before '/' and ${LABEL_LENGTH} after it, got ${value.length} in all`,
    ];
  }
  const name = value.slice(slash + 1);
  if (name.includes('/'))
    return ["expected one '/' at most, between prefix and name, as in 'example.com/name'"];
  const prefix = value.slice(0, slash);
  const lowered = anyCasePrefix ? prefix.replace(ASCII_UPPER, (letters) => letters.toLowerCase()) : prefix;
  const prefixProblems = prefix === '' ? ["expected a prefix before '/'"] : subdomain(lowered);
  const nameProblems = namePart(name);
  if (prefixProblems.length === 0) return nameProblems;
  return [...prefixProblems.map((problem) => `prefix: ${problem}`), ...nameProblems];
}

function namePart(value: string): readonly string[] {
  if (value === '') return ['expected a name that is not empty'];
  return tooLong(value, LABEL_LENGTH, 'expected a name of') ?? plainName(value);
}

function pathSegment(value: string): readonly string[] {
  if (value === '.' || value === '..') return ["expected anything but '.' and '..'"];
  const problems: string[] = [];
  if (value.includes('/')) problems.push("expected no '/'");
  if (value.includes('%')) problems.push("expected no '%'");
  return problems.length === 0 ? VALID : problems;
}

/** Keys that become file names must not step out of their directory. */
function keyName(pattern: RegExp, value: string, expected: string): readonly string[] {
  if (!pattern.test(value)) return [expected];
  return value === '.' || value.startsWith('..') ? ["expected anything but '.', and no '..' first"] : VALID;
}

function portName(value: string): readonly string[] {
  const long = tooLong(value, PORT_NAME_LENGTH);
  if (long !== undefined) return long;
  const problems: string[] = [];
  if (!PORT_NAME_CHARACTERS.test(value)) problems.push("expected lower case letters, digits and '-'");
  if (!/[a-z]/.test(value)) problems.push('expected at least one lower case letter');
  if (value.includes('--')) problems.push("expected no two '-' in a row");
  if (value.startsWith('-') || value.endsWith('-')) problems.push("expected no '-' first or last");
  return problems.length === 0 ? VALID : problems;
}
