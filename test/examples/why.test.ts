import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const PAGE = new URL('../../docs/why.md', import.meta.url);
const text = readFileSync(PAGE, 'utf8');

/** The rows of all tables without their heads: what hurts elsewhere, what happens here, and what shows it. */
const rows = text
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (Elsewhere|---) /.test(line))
  .map((line) => line.slice(2, -2).split(' | '));

/** The tests that a cell links to, by their names. */
function testsIn(cell = ''): readonly { readonly name: string; readonly file: string }[] {
  const links = cell.matchAll(/\[([^\]]+)\]\((\.\.\/test\/[^)]+\.test\.ts)\)/g);
  return Array.from(links, ([, name = '', file = '']) => ({ name, file }));
}

/** The names of the tests of a file, and of its groups of tests, without the seed that some end with. */
function namesIn(file: string): ReadonlySet<string> {
  const firstArguments = readFileSync(new URL(file, PAGE), 'utf8').matchAll(/\(\s*(['"`])(.+?)\1,/g);
  return new Set(Array.from(firstArguments, ([, , name = '']) => name.replace(/ \(seed \$\{SEED\}\)$/, '')));
}

describe('docs/why.md', () => {
  it('has thirty rows, each with what hurts, where that was said, and a test', () => {
    expect(rows).toHaveLength(30);
    for (const row of rows) {
      expect(row).toHaveLength(3);
      expect(row[0]).toMatch(/\(\[[^\]]+\]\(https:\/\/github\.com\/[^)]+\).*\)$/);
      expect(testsIn(row[2]), row[0]).not.toEqual([]);
    }
  });

  it('names tests that there are', () => {
    const named = rows.flatMap(([, , shownBy]) => testsIn(shownBy));
    expect(named.filter(({ file, name }) => !namesIn(file).has(name))).toEqual([]);
  });

  it('links to files that there are', () => {
    const targets = Array.from(text.matchAll(/\]\((?!https:)([^)#]+)/g), ([, target = '']) => target);
    expect(targets.filter((target) => !existsSync(new URL(target, PAGE)))).toEqual([]);
  });
});
