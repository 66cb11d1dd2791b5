import type { HealthReport, HealthResult } from './health-report.js';

/**
 * What a health endpoint answers, as Kubernetes writes it.
 *
 * It does not say why a check failed; the path of that check alone does.
 *
 * @param endpoint - `healthz` or `readyz`.
 * @param verbose - Names all checks, which a failure does always.
 * Source: `handleRootHealth` in k8s.io/apiserver.
 */
export function formatReport(endpoint: string, report: HealthReport, verbose: boolean): string {
  if (report.healthy && !verbose) return 'ok';
  const lines = report.results.map(formatResult);
  if (report.unknown.length > 0) {
    const names = report.unknown.toSorted().map((name) => JSON.stringify(name));
    lines.push(`warn: some health checks cannot be excluded: no matches for ${names.join(',')}`);
  }
  lines.push(`${endpoint} check ${report.healthy ? 'passed' : 'failed'}`);
  return `${lines.join('\n')}\n`;
}

function formatResult({ name, state }: HealthResult): string {
  switch (state) {
    case 'ok':
      return `[+]${name} ok`;
    case 'excluded':
      return `[+]${name} excluded: ok`;
    case 'failed':
      return `[-]${name} failed: reason withheld`;
  }
}
