import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

/** Tests that start a real etcd. */
const ON_ETCD = [
  'test/store/storage/etcd/**/*.test.ts',
  'test/conformance/store/etcd.test.ts',
  'test/contract/store-and-client.etcd.test.ts',
  'test/leader-election/etcd/**/*.test.ts',
  'test/examples/sharded.test.ts',
];

export default defineConfig({
  resolve: {
    alias: [
      { find: /^keelson$/, replacement: source('index.ts') },
      { find: /^keelson\/kinds$/, replacement: source('resources/kinds/index.ts') },
      { find: /^keelson\/storage\/(.+)$/, replacement: source('store/storage/$1/index.ts') },
      { find: /^keelson\/(.+)$/, replacement: source('$1/index.ts') },
    ],
  },
  test: {
    // some wait for processes and disks, and should not keep the others waiting
    maxWorkers: 3,
    // what hangs must end, and a slow machine is no failure
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: { name: 'all', include: ['test/**/*.test.ts'], exclude: ['test/hostile/**', ...ON_ETCD] },
      },
      {
        // processes of their own, in real time: what fails is told, and run once more
        extends: true,
        test: { name: 'etcd', include: ON_ETCD, retry: 1 },
      },
      {
        // everything about patches once more, where a prototype cannot be reached: see the setup file
        extends: true,
        test: {
          name: 'hostile',
          include: [
            'test/hostile/**/*.test.ts',
            'test/patch/**/*.test.ts',
            'test/conformance/{json,strategic,server-side}-*.test.ts',
          ],
          pool: 'forks',
          execArgv: ['--disable-proto=throw'],
          setupFiles: ['test/hostile/freeze-object-prototype.ts'],
        },
      },
    ],
    coverage: {
      include: ['src/**/*.ts'],
      exclude: ['src/resources/kinds/**', 'src/**/index.ts'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: { lines: 90, branches: 85 },
    },
  },
});
