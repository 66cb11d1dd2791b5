/**
 * What a manager says about itself: metrics for Prometheus, and whether it is well, on one port of this machine.
 *
 * Run it with `npx tsx examples/metrics.ts`. It asks its own port once, and ends; a real one is asked by Prometheus and Kubernetes.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { type Controller, controller, Manager, ObjectStore, TerminalError, withMetrics } from 'keelson';
import { ConfigMap } from 'keelson/kinds';
import { observabilityHandler, prometheusMetrics } from 'keelson/metrics/prometheus';
import { Registry } from 'prom-client';

/** Counts the letters of every ConfigMap, and gives up on those that have none. */
const letters: Controller = controller('letters')
  .for(ConfigMap)
  .reconcileObject(async ({ data = {} }, { key, client }) => {
    const count = Object.values(data).join('').length;
    if (count === 0) throw new TerminalError('there is nothing to count');
    const patch = { metadata: { annotations: { 'example.com/letters': String(count) } } };
    await client.patch(ConfigMap, key, { type: 'merge', patch });
  });

/** Runs a manager that is measured, and prints what its port says. */
export async function metrics(print: (line: string) => void): Promise<void> {
  const registry = new Registry();
  const provider = prometheusMetrics({ registry });
  const store = new ObjectStore({ resources: [ConfigMap] });
  // requests are counted for this client, and for those that are made from it
  const client = withMetrics(store.client(), provider, { host: 'store' });
  const manager = new Manager({ client, controllers: [letters], metrics: provider });

  // a check of your own beside those of the manager: until it passes, the process gets no work
  const database = { answers: false };
  manager.ready.add({
    name: 'database',
    check: () => {
      if (!database.answers) throw new Error('expected a database that answers');
    },
  });

  const { health, ready } = manager;
  const server = createServer(observabilityHandler({ registry, health, ready }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const ask = async (path: string): Promise<string> => {
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    const body = await response.text();
    print('');
    print(`GET ${path}: ${response.status}`);
    return body;
  };
  const show = (text: string): void => {
    for (const line of text.trimEnd().split('\n')) print(`  ${line}`);
  };

  await manager.start();
  print('the manager has started');
  show(await ask('/healthz'));
  show(await ask('/readyz'));
  database.answers = true;
  show(await ask('/readyz?verbose'));

  for (const [name, text] of [
    ['a', 'alpha'],
    ['b', 'beta'],
    ['empty', ''],
  ] as const) {
    await client.create(ConfigMap, { metadata: { name, namespace: 'default' }, data: { text } });
  }
  await manager.idle();
  print('');
  print('three objects were reconciled');
  const lines = (await ask('/metrics')).split('\n');
  const told = [
    'controller_runtime_reconcile_total',
    'controller_runtime_terminal_reconcile_errors_total',
    'workqueue_depth',
    'rest_client_requests_total',
  ];
  for (const name of told) show(lines.filter((line) => line.startsWith(`${name}{`)).join('\n'));

  await manager.stop();
  server.close();
  await once(server, 'close');
  await store.close();
}

if (argv[1] === fileURLToPath(import.meta.url)) await metrics((line) => console.log(line));
