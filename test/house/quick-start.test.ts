import { describe, expect, it } from 'vitest';
import { quickStart, scriptsNamed } from '../../scripts/readme/quick-start.js';

/** Markdown with `'''` in place of fences. */
function markdown(...lines: readonly string[]): string {
  return lines.join('\n').replaceAll("'''", '```');
}

describe('quickStart', () => {
  it('finds the first program under the heading and the output right after it', () => {
    const text = markdown(
      '# keelson',
      "'''js",
      'before();',
      "'''",
      '## Quick start',
      "'''sh",
      'npm install keelson',
      "'''",
      '### Then',
      "'''ts",
      'console.log(1);',
      'console.log(2);',
      "'''",
      'prints',
      "'''text",
      '  1',
      '',
      '2',
      "'''",
      "'''js",
      'later();',
      "'''",
    );
    expect(quickStart(text)).toEqual({ code: 'console.log(1);\nconsole.log(2);\n', output: ['1', '2'] });
  });

  it('expects no output where another block follows', () => {
    const text = markdown(
      '# Quick start',
      "'''mjs",
      'a();',
      "'''",
      "'''sh",
      'ls',
      "'''",
      "'''text",
      'x',
      "'''",
    );
    expect(quickStart(text)).toEqual({ code: 'a();\n', output: [] });
  });

  it('takes no heading inside a block for the end of the section', () => {
    const text = markdown(
      '## Quick start',
      "'''sh",
      '# a comment',
      '## Quick start',
      "'''",
      "'''js",
      'a();',
      "'''",
    );
    expect(quickStart(text).code).toBe('a();\n');
  });

  it('reads files with the line ends of Windows', () => {
    expect(quickStart('## Quick start\r\n```js\r\na();\r\n```\r\n').code).toBe('a();\n');
  });

  it('throws where the heading is missing', () => {
    expect(() => quickStart(markdown('# keelson', "'''js", 'a();', "'''"))).toThrow(
      /a heading "Quick start"/,
    );
  });

  it('throws where the section has no program, even if the next one has', () => {
    expect(() => quickStart(markdown('## Quick start', '## Next', "'''js", 'a();', "'''"))).toThrow(
      /js, mjs or ts block under the heading "Quick start"/,
    );
  });
});

describe('scriptsNamed', () => {
  it('finds each script once, without the punctuation of the sentence', () => {
    expect(
      scriptsNamed('Run `npm run check:house`, then npm run docs. Or npm run docs: it is the same.'),
    ).toEqual(['check:house', 'docs']);
  });
});
