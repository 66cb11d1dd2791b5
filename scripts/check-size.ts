import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'tsup';

/**
 * The most bytes that an entry point may take, minified and gzipped, without the packages that it depends on.
 *
 * Measured on `dist`, as a user's bundler sees it: what another entry point shares a file with must not come along.
 */
const LIMITS: Readonly<Record<string, number>> = { patch: 20_000, workqueue: 6_000 };

const folder = mkdtempSync(join(tmpdir(), 'keelson-size-'));
try {
  await build({
    entry: Object.keys(LIMITS).map((name) => `dist/${name}.js`),
    outDir: folder,
    config: false,
    format: 'esm',
    target: 'node20',
    minify: true,
    splitting: false,
    dts: false,
    silent: true,
  });
  for (const [name, limit] of Object.entries(LIMITS)) {
    const size = gzipSync(readFileSync(join(folder, `${name}.js`)), { level: 9 }).length;
    console.log(`keelson/${name}: ${size} bytes of at most ${limit}`);
    if (size > limit) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}
