import { fileImports, isRelative, resolveImport } from './file-imports.js';
import type { Finding, SourceTree } from './source-tree.js';

interface Edge {
  readonly to: string;
  readonly line: number;
}

/**
 * No file imports itself by way of others, not even for types: each can be read with only what stands below it.
 *
 * Every import that closes a cycle is reported once, with the way round it.
 */
export function checkCycles(tree: SourceTree): readonly Finding[] {
  const graph = new Map([...tree].map(([file, text]) => [file, edgesOf(tree, file, text)]));
  const findings: Finding[] = [];
  // files from which every way was followed
  const finished = new Set<string>();
  // the way from the first file to the current one: each imports the next at its line
  const way: { readonly file: string; line: number }[] = [];

  const visit = (file: string): void => {
    const step = { file, line: 0 };
    way.push(step);
    for (const edge of graph.get(file) ?? []) {
      step.line = edge.line;
      const start = way.findIndex((earlier) => earlier.file === edge.to);
      if (start !== -1) findings.push(describe(way.slice(start)));
      else if (!finished.has(edge.to)) visit(edge.to);
    }
    way.pop();
    finished.add(file);
  };

  for (const file of graph.keys()) {
    if (!finished.has(file)) visit(file);
  }
  return findings;
}

function describe(cycle: readonly { readonly file: string; readonly line: number }[]): Finding {
  const [first] = cycle;
  if (first === undefined) throw new TypeError('Expected a cycle of at least one file, got none');
  const names = [...cycle.map(({ file }) => file), first.file];
  return { file: first.file, line: first.line, rule: 'cycles', message: names.join(' -> ') };
}

function edgesOf(tree: SourceTree, file: string, text: string): readonly Edge[] {
  const edges: Edge[] = [];
  for (const { specifier, line } of fileImports(file, text)) {
    const to = isRelative(specifier) ? resolveImport(tree, file, specifier) : undefined;
    if (to !== undefined) edges.push({ to, line });
  }
  return edges;
}
