import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import tsup from '../../tsup.config.js';

/** A JSON file of the root. */
function readJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'));
}

const manifest = readJson('package.json') as { readonly exports: Readonly<Record<string, unknown>> };
const typedoc = readJson('typedoc.json') as { readonly entryPoints: readonly string[] };
const { entry } = tsup as { readonly entry: Readonly<Record<string, string>> };

describe('the public entry points', () => {
  it('are the same in the exports of package.json and in the build', () => {
    const built = Object.keys(entry).map((name) => [
      name === 'index' ? '.' : `./${name}`,
      { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
    ]);
    expect(manifest.exports).toEqual({ ...Object.fromEntries(built), './package.json': './package.json' });
  });

  it('are the same in the build and in the documentation', () => {
    expect(typedoc.entryPoints).toEqual(Object.values(entry));
  });
});
