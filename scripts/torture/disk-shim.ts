import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Builds the library that stands between a process and one of its files, to be loaded with `LD_PRELOAD`; undefined where that cannot be
 * done here. See `disk-shim.c` for what it does.
 */
export function buildDisk(folder: string): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const source = fileURLToPath(new URL('./disk-shim.c', import.meta.url));
  const library = join(folder, 'disk-shim.so');
  const compiler = process.env['CC'] ?? 'gcc';
  const { status, error, stderr } = spawnSync(
    compiler,
    ['-O1', '-shared', '-fPIC', '-o', library, source, '-ldl', '-lpthread'],
    {
      encoding: 'utf8',
    },
  );
  if (error !== undefined && 'code' in error && error.code === 'ENOENT') return undefined;
  if (status !== 0) throw new Error(`${compiler} failed: ${error?.message ?? stderr}`);
  return library;
}
