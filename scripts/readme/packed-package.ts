import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** The parts of package.json that the checks read. */
export interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/**
 * Packs the built package as `npm publish` would and installs it, with its dependencies and installed peers, in a temporary folder.
 *
 * Nothing is downloaded: the dependencies are links to those of this checkout. `remove` deletes the folder.
 */
export function installPacked(manifest: Manifest): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), `${manifest.name}-`));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const packed = run('npm', 'pack', '--ignore-scripts', '--json', '--pack-destination', folder);
    const [{ filename }] = JSON.parse(packed) as [{ readonly filename: string }];
    run('tar', '-xzf', join(folder, filename), '-C', folder);
    const modules = join(folder, 'node_modules');
    mkdirSync(modules);
    renameSync(join(folder, 'package'), join(modules, manifest.name));
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
      const installed = resolve('node_modules', name);
      if (!existsSync(installed)) continue;
      mkdirSync(dirname(join(modules, name)), { recursive: true });
      symlinkSync(installed, join(modules, name), 'junction');
    }
    return { folder, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function run(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
