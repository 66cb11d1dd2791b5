import { defineConfig } from 'tsup';

// the library is measured as it is shipped: a loader that compiles while it runs keeps the name of every function, which takes time wherever
// one is made
export default defineConfig({
  entry: ['bench/run.ts', 'bench/etcd.ts', 'bench/burst-process.ts'],
  outDir: 'node_modules/.cache/bench',
  format: 'esm',
  target: 'node20',
  tsconfig: 'tsconfig.json',
  clean: true,
  silent: true,
  splitting: true,
});
