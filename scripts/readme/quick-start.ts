/** The program that a README offers to newcomers, and what it says that the program prints. */
export interface QuickStart {
  readonly code: string;
  /** Lines that the output must contain, in any order; none where the README shows no output. */
  readonly output: readonly string[];
}

interface Block {
  readonly language: string;
  readonly text: string;
}

const HEADING = /^(#{1,6})\s+(.+?)\s*$/;
const FENCE = /^(`{3,}|~{3,})\s*([\w-]*)/;

/**
 * The first `js`, `mjs` or `ts` block under the heading "Quick start", and the `text` block right after it, if there is one.
 *
 * @throws Error when the heading or the block is missing.
 */
export function quickStart(markdown: string): QuickStart {
  const blocks = blocksUnder(markdown, 'quick start');
  if (blocks === undefined) throw new Error('Expected a heading "Quick start" in the README, found none');
  const at = blocks.findIndex(({ language }) => ['js', 'mjs', 'ts'].includes(language));
  const program = blocks[at];
  if (program === undefined) {
    throw new Error(
      'Expected a js, mjs or ts block under the heading "Quick start" of the README, found none',
    );
  }
  const next = blocks[at + 1];
  const lines = next?.language === 'text' ? next.text.split('\n') : [];
  return { code: program.text, output: lines.map((line) => line.trim()).filter((line) => line !== '') };
}

/** The names of all scripts that a README runs with `npm run`, each once. */
export function scriptsNamed(markdown: string): readonly string[] {
  const names = [...markdown.matchAll(/\bnpm run ([\w][\w:.-]*)/g)].map(([, name = '']) =>
    name.replace(/[.:]+$/, ''),
  );
  return [...new Set(names)];
}

/** The fenced blocks of one section, down to the next heading of its level; undefined where there is no such section. */
function blocksUnder(markdown: string, title: string): readonly Block[] | undefined {
  let blocks: Block[] | undefined;
  let level = 0;
  let open: { readonly fence: string; readonly language: string; readonly lines: string[] } | undefined;
  for (const line of markdown.split(/\r?\n/)) {
    if (open !== undefined) {
      if (line.startsWith(open.fence) && line.slice(open.fence.length).trim() === '') {
        blocks?.push({ language: open.language, text: `${open.lines.join('\n')}\n` });
        open = undefined;
      } else {
        open.lines.push(line);
      }
      continue;
    }
    const [, fence, language = ''] = FENCE.exec(line) ?? [];
    if (fence !== undefined) {
      open = { fence, language, lines: [] };
      continue;
    }
    const [, marks, text] = HEADING.exec(line) ?? [];
    if (marks === undefined || text === undefined) continue;
    if (blocks !== undefined && marks.length <= level) return blocks;
    if (blocks === undefined && text.toLowerCase() === title) {
      blocks = [];
      level = marks.length;
    }
  }
  return blocks;
}
