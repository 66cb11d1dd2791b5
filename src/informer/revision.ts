/**
 * Orders two resourceVersions: negative where `a` is older, positive where it is newer, 0 where they are the same.
 *
 * Decimal numbers of any length, as Kubernetes has them; no precision is lost.
 *
 * Source: KEP-5504, comparable resource versions.
 */
export function compareRevisions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The same text. @throws TypeError unless it is a resourceVersion: a decimal number without leading zeros. */
export function checkRevision(text: string): string {
  if (!/^(0|[1-9]\d*)$/.test(text)) {
    throw new TypeError(`resourceVersion: expected a decimal number, got ${JSON.stringify(text)}`);
  }
  return text;
}
