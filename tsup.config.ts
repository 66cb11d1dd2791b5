import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    kinds: 'src/resources/kinds/index.ts',
    patch: 'src/patch/index.ts',
    workqueue: 'src/workqueue/index.ts',
    store: 'src/store/index.ts',
    informer: 'src/informer/index.ts',
    'leader-election': 'src/leader-election/index.ts',
    controller: 'src/controller/index.ts',
    scheduler: 'src/scheduler/index.ts',
    'storage/lmdb': 'src/store/storage/lmdb/index.ts',
    'storage/etcd': 'src/store/storage/etcd/index.ts',
    'metrics/prometheus': 'src/metrics/prometheus/index.ts',
    'tracing/opentelemetry': 'src/tracing/opentelemetry/index.ts',
    testing: 'src/testing/index.ts',
  },
  format: 'esm',
  target: 'node20',
  tsconfig: 'tsconfig.build.json',
  // tsup 8 hands `baseUrl` to the compiler, which TypeScript 6 reports as deprecated
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
  sourcemap: true,
  clean: true,
});
