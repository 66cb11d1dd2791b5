import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkTree } from './house/check-tree.js';
import { formatFinding, type SourceTree } from './house/source-tree.js';

/** Every TypeScript file below `folder`, by its path with forward slashes. */
function readTree(folder: string): SourceTree {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => name.endsWith('.ts')).sort();
  return new Map(
    files.map((name) => [
      `${folder}/${name.replaceAll('\\', '/')}`,
      readFileSync(join(folder, name), 'utf8'),
    ]),
  );
}

const tree = readTree('src');
const findings = checkTree(tree);
for (const finding of findings) console.error(formatFinding(finding));
if (findings.length > 0) {
  console.error(`${findings.length} places break the rules of the house.`);
  process.exitCode = 1;
} else {
  console.log(`${tree.size} files keep the rules of the house.`);
}
