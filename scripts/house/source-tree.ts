/** File texts by path; paths start with `src/` and use forward slashes. */
export type SourceTree = ReadonlyMap<string, string>;

/** A rule of the house is broken at one place. */
export interface Finding {
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
  /** Which rule, in the words of its check. */
  readonly rule: 'imports' | 'packages' | 'cycles' | 'ports';
  readonly message: string;
}

/** `file:line: rule: message`, the form that editors can jump to. */
export function formatFinding(finding: Finding): string {
  return `${finding.file}:${finding.line}: ${finding.rule}: ${finding.message}`;
}

/** The findings in the order in which one reads the files, each once. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  const unique = new Map(findings.map((finding) => [formatFinding(finding), finding]));
  return [...unique.values()].sort(
    (a, b) => compare(a.file, b.file) || a.line - b.line || compare(a.message, b.message),
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
