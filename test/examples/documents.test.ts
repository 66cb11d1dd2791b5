import { readdirSync, readFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { inspect } from 'node:util';
import * as keelson from 'keelson';
import * as informer from 'keelson/informer';
import * as kinds from 'keelson/kinds';
import * as patch from 'keelson/patch';
import * as scheduler from 'keelson/scheduler';
import * as lmdb from 'keelson/storage/lmdb';
import * as workqueue from 'keelson/workqueue';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

const MODULES: Readonly<Record<string, object>> = {
  keelson,
  'keelson/informer': informer,
  'keelson/kinds': kinds,
  'keelson/patch': patch,
  'keelson/scheduler': scheduler,
  'keelson/storage/lmdb': lmdb,
  'keelson/workqueue': workqueue,
  'node:fs/promises': fs,
  'node:os': os,
  'node:path': path,
  zod: z,
};

/** A program of a document, and what the document says that it prints. */
interface Program {
  readonly code: string;
  readonly output: string;
}

const ROOT = new URL('../../', import.meta.url);
const PAGES = [
  'README.md',
  ...readdirSync(new URL('docs', ROOT))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** The `js` blocks of a page with the `text` block that follows each. */
function programsOf(page: string): readonly Program[] {
  const text = readFileSync(new URL(page, ROOT), 'utf8');
  const programs = [...text.matchAll(/^```js\n(.*?)^```\n+^```text\n(.*?)^```$/gms)];
  const all = [...text.matchAll(/^```js$/gm)];
  expect(programs.length, `${page}: every program has its output`).toBe(all.length);
  return programs.map(([, code = '', output = '']) => ({ code, output }));
}

type Run = (
  modules: typeof MODULES,
  console: { log: (...values: readonly unknown[]) => void },
) => Promise<void>;

/** Runs a program here, with the library as it is now. */
async function outputOf(code: string): Promise<string> {
  const body = code.replaceAll(
    /^import (?:\* as (\w+)|(\{.*?\})) from '(.*?)';$/gm,
    (_line, all: string | undefined, some: string | undefined, module: string) =>
      `const ${all ?? some} = modules['${module}'];`,
  );
  const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor as new (
    ...parts: readonly string[]
  ) => Run;
  const lines: string[] = [];
  const log = (...values: readonly unknown[]): void => {
    lines.push(values.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' '));
  };
  await new AsyncFunction('modules', 'console', body)(MODULES, { log });
  return lines.map((line) => `${line}\n`).join('');
}

describe('the programs of the documents', () => {
  for (const page of PAGES) {
    it(`in ${page} print what it says that they print`, async () => {
      for (const { code, output } of programsOf(page)) expect(await outputOf(code)).toBe(output);
    });
  }
});
