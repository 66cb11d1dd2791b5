import { isBuiltin } from 'node:module';
import { fileImports, isRelative, resolveImport, type FileImport } from './file-imports.js';
import type { Finding, SourceTree } from './source-tree.js';

/** The folders of `src`, from the ground up: a folder imports only what stands before it. */
const FOLDERS: readonly string[] = [
  'core',
  'patch',
  'resources',
  'client',
  'workqueue',
  'store',
  'informer',
  'leader-election',
  'controller',
  'scheduler',
  'kubernetes',
  'server',
  'metrics',
  'tracing',
  'testing',
];

/** What joins a package of somebody else to a port. */
const ADAPTERS: readonly string[] = ['metrics', 'tracing'];

/** What a folder must not import although it stands before it, and why. */
const FORBIDDEN: readonly {
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly why: string;
}[] = [
  {
    from: ['informer', 'leader-election', 'controller', 'scheduler'],
    to: ['store'],
    why: 'it knows Client and nothing below it',
  },
  {
    from: ['kubernetes', 'server', 'scheduler'],
    to: ['kubernetes', 'server', 'scheduler'],
    why: 'kubernetes, server and scheduler do not import each other',
  },
  {
    from: ADAPTERS,
    to: FOLDERS.filter((folder) => folder !== 'core' && folder !== 'controller'),
    why: 'an adapter knows the ports of core and of controller',
  },
];

const FRONT_DOOR = 'src/index.ts';

/** Doors of a folder beside its `index.ts`: what has a public subpath of its own. */
const SIDE_DOORS: readonly string[] = ['src/resources/kinds/index.ts'];

/** What the front door may open to; the others are heavy, and have a subpath of their own. */
const LIGHT_FOLDERS: readonly string[] = [
  'core',
  'patch',
  'resources',
  'client',
  'workqueue',
  'store',
  'informer',
  'leader-election',
  'controller',
];

/** Folders within folders that load an optional package: nobody imports them, for each has a subpath of its own. */
const HEAVY_FOLDERS: readonly string[] = [
  'store/storage/lmdb',
  'store/storage/etcd',
  'metrics/prometheus',
  'tracing/opentelemetry',
];

/** Which folders may load a package; a package that is not here belongs nowhere yet. */
const PACKAGES: ReadonlyMap<string, readonly string[]> = new Map([
  ['@grpc/grpc-js', ['store/storage/etcd']],
  ['@opentelemetry/api', ['tracing/opentelemetry']],
  ['eventemitter3', FOLDERS],
  ['fast-check', ['testing']],
  ['fast-json-patch', ['patch']],
  ['lmdb', ['store/storage/lmdb']],
  ['p-queue', ['controller']],
  ['prom-client', ['metrics/prometheus']],
  ['zod', ['resources']],
]);

/**
 * A folder imports only folders above it in the list of the design, and others only through their `index.ts`.
 *
 * Imports of types count too: they also say who knows whom. Packages are allowed per folder, and zod only as `zod/v4/core`
 * or for its types, so that the library loads no more of it than its user does.
 */
export function checkImports(tree: SourceTree): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [file, text] of tree) {
    if (file !== FRONT_DOOR && !FOLDERS.includes(folderOf(file))) {
      findings.push({
        file,
        line: 1,
        rule: 'imports',
        message: `src has no folder ${JSON.stringify(folderOf(file))}: expected one of ${FOLDERS.join(', ')}`,
      });
      continue;
    }
    for (const found of fileImports(file, text)) {
      const relative = isRelative(found.specifier);
      const message = relative ? judgeRelative(tree, file, found.specifier) : judgePackage(file, found);
      if (message !== undefined) {
        findings.push({ file, line: found.line, rule: relative ? 'imports' : 'packages', message });
      }
    }
  }
  return findings;
}

function judgeRelative(tree: SourceTree, file: string, specifier: string): string | undefined {
  const target = resolveImport(tree, file, specifier);
  if (target === undefined) return `${specifier} is no file of src: name it with the ending .js`;
  if (target === FRONT_DOOR) return `nobody inside src imports ${FRONT_DOOR}`;

  const to = folderOf(target);
  const index = `src/${to}/index.ts`;
  if (file === FRONT_DOOR) {
    if (!LIGHT_FOLDERS.includes(to)) return `the front door is light, and does not import ${to}`;
    return target === index ? undefined : `import ${to} through ${index}, not ${target}`;
  }

  const heavy = HEAVY_FOLDERS.find((folder) => isIn(target, folder) && !isIn(file, folder));
  if (heavy !== undefined) return `${heavy} has a subpath of its own, and nobody inside src imports it`;

  const from = folderOf(file);
  if (from === to) {
    return target === index
      ? `inside ${to} files import each other directly, not through ${index}`
      : undefined;
  }
  if (to === 'testing') return 'nobody imports testing';
  if (FOLDERS.indexOf(to) > FOLDERS.indexOf(from)) {
    return `${from} stands above ${to} in the design and must not import it`;
  }
  const forbidden = FORBIDDEN.find((rule) => rule.from.includes(from) && rule.to.includes(to));
  if (forbidden !== undefined) return `${from} must not import ${to}: ${forbidden.why}`;
  if (target === index || SIDE_DOORS.includes(target)) return undefined;
  return `import ${to} through ${index}, not ${target}`;
}

function judgePackage(file: string, { specifier, typeOnly }: FileImport): string | undefined {
  if (isBuiltin(specifier)) return undefined;
  const name = packageName(specifier);
  if (name === 'keelson') return `inside src, import ${specifier} by its relative path`;
  const folders = PACKAGES.get(name);
  if (folders === undefined) {
    return `the package ${name} is not among those of the house: ${[...PACKAGES.keys()].join(', ')}`;
  }
  if (!folders.some((folder) => isIn(file, folder)))
    return `the package ${name} is used only in ${folders.join(', ')}`;
  if (name === 'zod' && specifier !== 'zod/v4/core' && !typeOnly) {
    return `load zod as zod/v4/core, or import only its types, not ${specifier}`;
  }
  return undefined;
}

function isIn(file: string, folder: string): boolean {
  return file.startsWith(`src/${folder}/`);
}

/** `src/store/storage/memory.ts` belongs to `store`. */
function folderOf(file: string): string {
  const [, folder = '', ...rest] = file.split('/');
  return rest.length === 0 ? '' : folder;
}

function packageName(specifier: string): string {
  const [first = '', second = ''] = specifier.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}
