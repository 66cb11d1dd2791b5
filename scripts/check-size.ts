import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'tsup';

/** The most bytes that an entry point may take, minified and gzipped. */
interface Limits {
  /** Without the packages that it depends on. */
  readonly own: number;
  /** With those packages; absent where it is not guarded. */
  readonly bundled?: number;
}

/** Measured on `dist`, as a user's bundler sees it: what another entry point shares a file with must not come along. */
const LIMITS: Readonly<Record<string, Limits>> = {
  patch: { own: 17_800, bundled: 20_000 },
  workqueue: { own: 6_300 },
};

for (const [name, { own, bundled }] of Object.entries(LIMITS)) {
  await check(name, 'own code', own, []);
  // every package is taken in: the expression matches any import
  if (bundled !== undefined) await check(name, 'with the packages it depends on', bundled, [/./]);
}

async function check(name: string, what: string, limit: number, noExternal: RegExp[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'keelson-size-'));
  try {
    await build({
      entry: [`dist/${name}.js`],
      outDir: folder,
      config: false,
      format: 'esm',
      target: 'node20',
      minify: true,
      splitting: false,
      dts: false,
      silent: true,
      noExternal,
    });
    const size = gzipSync(readFileSync(join(folder, `${name}.js`)), { level: 9 }).length;
    console.log(`keelson/${name}, ${what}: ${size} bytes of at most ${limit}`);
    if (size > limit) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
