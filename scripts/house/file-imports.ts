import { posix } from 'node:path';
import ts from 'typescript';
import type { SourceTree } from './source-tree.js';

/** One place where a file names a module. */
export interface FileImport {
  readonly specifier: string;
  /** Counts from 1. */
  readonly line: number;
  /**
   * True where nothing of it is left in the JavaScript: `import type`, `export type`, `import('x').T`.
   *
   * `import { type T }` is not such: under `verbatimModuleSyntax` the module is still loaded.
   */
  readonly typeOnly: boolean;
}

/** Every module that a file names: imports, re-exports, dynamic imports, import types. */
export function fileImports(file: string, text: string): readonly FileImport[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  const found: FileImport[] = [];

  const add = (specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const line = source.getLineAndCharacterOfPosition(specifier.getStart(source)).line + 1;
    found.push({ specifier: specifier.text, line, typeOnly });
  };

  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    } else if (ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, node.isTypeOnly);
    } else if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
      add(node.moduleReference.expression, node.isTypeOnly);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, true);
    }
    ts.forEachChild(node, visit);
  };

  visit(source);
  return found;
}

/** True for `./x.js` and `../x.js`. */
export function isRelative(specifier: string): boolean {
  return specifier === '.' || specifier === '..' || specifier.startsWith('./') || specifier.startsWith('../');
}

/** The file of the tree that a relative import means, `.js` standing for `.ts`; undefined where there is none. */
export function resolveImport(tree: SourceTree, from: string, specifier: string): string | undefined {
  const path = posix.join(posix.dirname(from), specifier);
  const file = path.endsWith('.js') ? `${path.slice(0, -'.js'.length)}.ts` : path;
  return tree.has(file) ? file : undefined;
}
