import { type NameType, preview, validateName } from '../core/index.js';

/** @throws TypeError for a namespace or an identity that cannot be one. */
export function checkIdentity(
  owner: string,
  { namespace, identity }: { readonly namespace: unknown; readonly identity: unknown },
): void {
  checkName(`${owner}: namespace`, 'dns1123label', namespace);
  if (typeof identity === 'string' && identity !== '') return;
  throw new TypeError(`${owner}: identity: expected a text that is not empty, got ${preview(identity)}`);
}

/** @throws TypeError naming the field, unless the value is a name of that type. */
export function checkName(field: string, type: NameType, value: unknown): void {
  const problems = typeof value === 'string' ? validateName(type, value) : ['expected a text'];
  const [problem] = problems;
  if (problem !== undefined) throw new TypeError(`${field}: ${problem}, got ${preview(value)}`);
}
