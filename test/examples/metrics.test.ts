import { describe, expect, it } from 'vitest';
import { metrics } from '../../examples/metrics.js';

describe('the example of metrics', () => {
  it('serves what it measures, and whether it is well', async () => {
    const lines: string[] = [];
    await metrics((line) => lines.push(line));
    const text = lines.map((line) => `${line}\n`).join('');
    const [, ...pages] = text.split('GET ');
    const [healthz, readyz, verbose, scraped] = pages;
    expect(healthz).toBe('/healthz: 200\n  ok\n\n');
    expect(readyz).toContain('/readyz: 500\n  [+]started ok\n  [-]database failed: reason withheld\n');
    expect(verbose).toContain('/readyz?verbose: 200\n  [+]started ok\n  [+]database ok\n');
    expect(scraped?.split('\n')).toEqual(
      expect.arrayContaining([
        '/metrics: 200',
        '  controller_runtime_reconcile_total{controller="letters",result="success"} 2',
        '  controller_runtime_reconcile_total{controller="letters",result="error"} 1',
        '  controller_runtime_terminal_reconcile_errors_total{controller="letters"} 1',
        '  workqueue_depth{name="letters",controller="letters"} 0',
        '  rest_client_requests_total{code="201",method="POST",host="store"} 3',
        '  rest_client_requests_total{code="200",method="PATCH",host="store"} 2',
      ]),
    );
  });
});
