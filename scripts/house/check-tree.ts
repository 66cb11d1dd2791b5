import { checkCycles } from './cycle-rule.js';
import { checkImports } from './import-rule.js';
import { checkPorts } from './ports-rule.js';
import { sortFindings, type Finding, type SourceTree } from './source-tree.js';

/** Everything in the tree that breaks a rule of the house. */
export function checkTree(tree: SourceTree): readonly Finding[] {
  return sortFindings([...checkImports(tree), ...checkCycles(tree), ...checkPorts(tree)]);
}
