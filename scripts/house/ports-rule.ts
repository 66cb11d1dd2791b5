import ts from 'typescript';
import { fileImports } from './file-imports.js';
import type { Finding, SourceTree } from './source-tree.js';

/** The only files that may touch what {@link checkPorts} forbids. */
const PORT_FILES: readonly string[] = ['src/core/clock.ts', 'src/core/random.ts', 'src/core/executor.ts'];

/** What is forbidden, by the global or the interface that has it as a member. */
const FORBIDDEN_MEMBERS: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'globalThis',
    [
      'Date',
      'setTimeout',
      'setInterval',
      'setImmediate',
      'clearTimeout',
      'clearInterval',
      'clearImmediate',
      'queueMicrotask',
      'crypto',
      'performance',
    ],
  ],
  ['Math', ['random']],
  ['AbortSignal', ['timeout']],
  ['Process', ['nextTick', 'hrtime']],
]);

const FORBIDDEN_MODULES: readonly string[] = ['timers', 'timers/promises', 'crypto', 'perf_hooks'];

const INTERESTING: ReadonlySet<string> = new Set([...FORBIDDEN_MEMBERS.values()].flat());

const WHY = 'only core/clock.ts, core/random.ts and core/executor.ts may: take a Clock, Random or Executor';

/**
 * Time, randomness and hand-overs come from the ports of `core`: nobody else touches what the platform has for them.
 *
 * The compiler decides what a name means, so a local `crypto` or a method called `setTimeout` is none of ours, whereas
 * `const { random } = Math` is. Types may be named everywhere. Source: decision 5 of the design.
 */
export function checkPorts(tree: SourceTree): readonly Finding[] {
  const findings: Finding[] = [];
  const program = createProgram(tree);
  const checker = program.getTypeChecker();
  for (const [file, text] of tree) {
    if (PORT_FILES.includes(file)) continue;
    for (const { specifier, line, typeOnly } of fileImports(file, text)) {
      if (!typeOnly && FORBIDDEN_MODULES.includes(specifier.replace(/^node:/, ''))) {
        findings.push({ file, line, rule: 'ports', message: `${specifier} is imported here; ${WHY}` });
      }
    }
    const source = program.getSourceFile(absolute(file));
    if (source === undefined) throw new Error(`Expected the compiler to have read ${file}, but it did not`);
    for (const { name, position } of forbiddenUses(source, checker, tree)) {
      const line = source.getLineAndCharacterOfPosition(position).line + 1;
      findings.push({ file, line, rule: 'ports', message: `${name} is used here; ${WHY}` });
    }
  }
  return findings;
}

interface Use {
  readonly name: string;
  readonly position: number;
}

function forbiddenUses(source: ts.SourceFile, checker: ts.TypeChecker, tree: SourceTree): readonly Use[] {
  const uses: Use[] = [];
  const visit = (node: ts.Node): void => {
    if (isTypeOnly(node)) return;
    if ((ts.isIdentifier(node) || ts.isStringLiteralLike(node)) && INTERESTING.has(node.text)) {
      const name = forbiddenName(node, checker, tree);
      if (name !== undefined) uses.push({ name, position: node.getStart(source) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return uses;
}

/** True for what leaves no JavaScript behind. */
function isTypeOnly(node: ts.Node): boolean {
  return (
    ts.isPartOfTypeNode(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    (ts.isImportDeclaration(node) && node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword) ||
    (ts.isImportSpecifier(node) && node.isTypeOnly) ||
    (ts.isExportDeclaration(node) && node.isTypeOnly)
  );
}

/** What the platform calls the thing that this name or key stands for, where it is forbidden. */
function forbiddenName(
  node: ts.Identifier | ts.StringLiteralLike,
  checker: ts.TypeChecker,
  tree: SourceTree,
): string | undefined {
  for (const symbol of symbolsOf(node, checker)) {
    for (const declaration of symbol.declarations ?? []) {
      if (tree.has(relative(declaration.getSourceFile().fileName))) continue;
      const owner = ownerOf(declaration);
      if (FORBIDDEN_MEMBERS.get(owner)?.includes(symbol.name)) {
        return owner === 'globalThis'
          ? symbol.name
          : `${owner === 'Process' ? 'process' : owner}.${symbol.name}`;
      }
    }
  }
  if (isMemberOfUntypedGlobal(node, checker) && FORBIDDEN_MEMBERS.get('globalThis')?.includes(node.text))
    return node.text;
  return undefined;
}

/** Everything that a name or key may stand for: itself, what it was imported as, what it is destructured from. */
function symbolsOf(
  node: ts.Identifier | ts.StringLiteralLike,
  checker: ts.TypeChecker,
): readonly ts.Symbol[] {
  const { parent } = node;
  const found: (ts.Symbol | undefined)[] = [];
  if (ts.isBindingElement(parent) && (parent.propertyName ?? parent.name) === node) {
    found.push(checker.getTypeAtLocation(parent.parent).getProperty(node.text));
  } else if (ts.isShorthandPropertyAssignment(parent)) {
    found.push(checker.getShorthandAssignmentValueSymbol(parent));
    if (ts.isIdentifier(node)) found.push(destructured(node, checker));
  } else if (ts.isPropertyAssignment(parent) && parent.name === node) {
    if (ts.isIdentifier(node)) found.push(destructured(node, checker));
  } else {
    found.push(checker.getSymbolAtLocation(node));
  }
  return found
    .filter((symbol) => symbol !== undefined)
    .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol));
}

/** The property that a name stands for in a destructuring assignment, as in `({ random } = Math)`. */
function destructured(node: ts.Identifier, checker: ts.TypeChecker): ts.Symbol | undefined {
  let pattern: ts.Node = node.parent.parent;
  while (
    ts.isObjectLiteralExpression(pattern.parent) ||
    ts.isArrayLiteralExpression(pattern.parent) ||
    ts.isPropertyAssignment(pattern.parent)
  ) {
    pattern = pattern.parent;
  }
  const { parent } = pattern;
  const isTarget =
    (ts.isBinaryExpression(parent) &&
      parent.left === pattern &&
      parent.operatorToken.kind === ts.SyntaxKind.EqualsToken) ||
    (ts.isForOfStatement(parent) && parent.initializer === pattern);
  return isTarget ? checker.getPropertySymbolOfDestructuringAssignment(node) : undefined;
}

/** The interface, class or variable whose member a declaration is; `globalThis` for what is a global itself. */
function ownerOf(declaration: ts.Declaration): string {
  let node: ts.Node = declaration.parent;
  while (!ts.isSourceFile(node)) {
    if (ts.isModuleDeclaration(node)) return node.name.text === 'global' ? 'globalThis' : node.name.text;
    if (ts.isInterfaceDeclaration(node) || ts.isVariableDeclaration(node)) return node.name.getText();
    if (ts.isClassDeclaration(node)) return node.name?.text ?? '';
    node = node.parent;
  }
  return 'globalThis';
}

/** True for `Date` in `(globalThis as any).Date`, of which the compiler knows nothing. */
function isMemberOfUntypedGlobal(node: ts.Node, checker: ts.TypeChecker): boolean {
  const { parent } = node;
  const isKey =
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    (ts.isElementAccessExpression(parent) && parent.argumentExpression === node);
  if (!isKey) return false;
  const object = bare(parent.expression);
  return (
    ts.isIdentifier(object) &&
    (object.text === 'globalThis' || object.text === 'global') &&
    checker
      .getSymbolAtLocation(object)
      ?.declarations?.every((found) => found.getSourceFile().isDeclarationFile) !== false
  );
}

/** The expression without parentheses and what only the compiler sees. */
function bare(expression: ts.Expression): ts.Expression {
  return ts.isParenthesizedExpression(expression) ||
    ts.isAsExpression(expression) ||
    ts.isSatisfiesExpression(expression) ||
    ts.isNonNullExpression(expression)
    ? bare(expression.expression)
    : expression;
}

/** The root under which the compiler sees the tree: where `@types/node` can be found. */
const ROOT: string = process.cwd().replaceAll('\\', '/');

function absolute(file: string): string {
  return `${ROOT}/${file}`;
}

function relative(path: string): string {
  return path.startsWith(`${ROOT}/`) ? path.slice(ROOT.length + 1) : path;
}

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: ['node'],
  strict: true,
  skipLibCheck: true,
  noEmit: true,
};

/** Declarations of the platform, which never change while a check runs. */
const platformSources = new Map<string, ts.SourceFile | undefined>();

/** A program whose own files come from the tree alone, and the platform's from the disk. */
function createProgram(tree: SourceTree): ts.Program {
  const disk = ts.createCompilerHost(OPTIONS, true);
  const host: ts.CompilerHost = {
    ...disk,
    getCurrentDirectory: () => ROOT,
    fileExists: (path) => (isOurs(path) ? tree.has(relative(path)) : disk.fileExists(path)),
    readFile: (path) => (isOurs(path) ? tree.get(relative(path)) : disk.readFile(path)),
    getSourceFile: (path, language) => {
      if (isOurs(path)) {
        const text = tree.get(relative(path));
        return text === undefined ? undefined : ts.createSourceFile(path, text, language, true);
      }
      if (!platformSources.has(path)) platformSources.set(path, disk.getSourceFile(path, language));
      return platformSources.get(path);
    },
  };
  return ts.createProgram({ rootNames: [...tree.keys()].map(absolute), options: OPTIONS, host });
}

function isOurs(path: string): boolean {
  return relative(path).startsWith('src/');
}
