import { type Catalog, compare } from './catalog.js';
import { header, isNestedKind, nestedName } from './emit-group.js';
import { nameList } from './literal.js';

/** The front door of `keelson/kinds`: every kind and type, `builtinKinds` and `builtinScheme`. */
export function emitIndex(catalog: Catalog): string {
  const kinds: string[] = [];
  const imports: string[] = [];
  const exports: string[] = [];
  for (const group of catalog.groups) {
    const shown = group.types.filter((entry) => !entry.handWritten);
    const values = shown.filter((entry) => entry.kind !== undefined).map((entry) => entry.name);
    const nested = shown.filter((entry) => entry.kind === undefined || isNestedKind(entry, catalog));
    const types = nested.map(nestedName);
    const from = `./${group.file}.js`;
    kinds.push(...values);
    if (values.length > 0) imports.push(nameList('import', values, from));
    if (values.length > 0) exports.push(nameList('export', values, from));
    if (types.length > 0) exports.push(nameList('export type', types, from));
  }
  const all = kinds.sort(compare).map((name) => `  ${name},\n`);
  return [
    header(catalog),
    "import type { AnyResource } from '../resource.js';\n",
    "import { Scheme } from '../scheme.js';\n",
    ...imports,
    '\n',
    ...exports,
    "\n/** All of Kubernetes' own kinds, by name. */\n",
    `export const builtinKinds: readonly AnyResource[] = /* @__PURE__ */ Object.freeze([\n${all.join('')}]);\n`,
    "\n/** The scheme of all of Kubernetes' own kinds. */\n",
    'export const builtinScheme: Scheme = /* @__PURE__ */ new Scheme(builtinKinds);\n',
  ].join('');
}
