import { describe, expect, it } from 'vitest';
import { checkCycles } from '../../scripts/house/cycle-rule.js';
import { checkImports } from '../../scripts/house/import-rule.js';
import { checkPorts } from '../../scripts/house/ports-rule.js';
import {
  formatFinding,
  sortFindings,
  type Finding,
  type SourceTree,
} from '../../scripts/house/source-tree.js';

/** What a rule says about a made-up `src`. */
function check(
  rule: (tree: SourceTree) => readonly Finding[],
  files: Readonly<Record<string, string>>,
): readonly string[] {
  const tree = new Map(Object.entries(files).map(([name, text]) => [`src/${name}`, text]));
  return sortFindings(rule(tree)).map(formatFinding);
}

const EMPTY = 'export {};\n';

/** The front of every index that a made-up import needs. */
const INDEXES = Object.fromEntries(
  [
    'core',
    'patch',
    'resources',
    'client',
    'workqueue',
    'store',
    'informer',
    'leader-election',
    'controller',
    'scheduler',
    'kubernetes',
    'server',
    'metrics',
    'tracing',
    'testing',
  ].map((folder) => [`${folder}/index.ts`, EMPTY]),
);

describe('the import rule', () => {
  it.each([
    ['a folder above', 'store/table.ts', `import { a } from '../core/index.js';`],
    [
      'the built-in kinds, which are a public subpath',
      'store/table.ts',
      `import '../resources/kinds/index.js';`,
    ],
    ['a file of the same folder', 'core/index.ts', `export * from './a.js';`],
    ['a sub-folder of the same folder', 'store/table.ts', `import './storage/memory.js';`],
    ['a file above a sub-folder', 'store/storage/lmdb.ts', `import '../engine.js';`],
    ['the store, for the server', 'server/serve.ts', `import '../store/index.js';`],
    ['everything but itself, for testing', 'testing/simulate.ts', `import '../server/index.js';`],
    ['a light folder, for the front door', 'index.ts', `export * from './controller/index.js';`],
    ['a builtin of Node', 'core/a.ts', `import { AsyncResource } from 'node:async_hooks';`],
    ['eventemitter3 anywhere', 'controller/manager.ts', `import { EventEmitter } from 'eventemitter3';`],
    ['fast-json-patch in patch', 'patch/json.ts', `import jsonpatch from 'fast-json-patch';`],
    ['prom-client in its adapter', 'metrics/prometheus/a.ts', `import { Gauge } from 'prom-client';`],
    ['the ports of the controller, for an adapter', 'tracing/a.ts', `import '../controller/index.js';`],
    ['p-queue in controller', 'controller/workers.ts', `import PQueue from 'p-queue';`],
    ['zod/v4/core in resources', 'resources/schema.ts', `import * as z from 'zod/v4/core';`],
    ['the types of zod in resources', 'resources/schema.ts', `import type * as z from 'zod';`],
  ])('allows %s', (_, file, text) => {
    const files = {
      ...INDEXES,
      'core/a.ts': EMPTY,
      'resources/kinds/index.ts': EMPTY,
      'store/storage/memory.ts': EMPTY,
      'store/engine.ts': EMPTY,
    };
    expect(check(checkImports, { ...files, [file]: text })).toEqual([]);
  });

  it.each([
    [
      'a folder below',
      'core/a.ts',
      `\nimport '../store/index.js';`,
      'src/core/a.ts:2: imports: core stands above store in the design and must not import it',
    ],
    [
      'the types of a folder below',
      'core/a.ts',
      `import type { A } from '../store/index.js';`,
      'src/core/a.ts:1: imports: core stands above store in the design and must not import it',
    ],
    [
      'a folder below by an import type',
      'core/a.ts',
      `export type A = import('../store/index.js').A;`,
      'src/core/a.ts:1: imports: core stands above store in the design and must not import it',
    ],
    [
      'a folder below by a dynamic import',
      'core/a.ts',
      `export const a = () => import('../store/index.js');`,
      'src/core/a.ts:1: imports: core stands above store in the design and must not import it',
    ],
    [
      'a folder below by an export',
      'core/a.ts',
      `export * from '../store/index.js';`,
      'src/core/a.ts:1: imports: core stands above store in the design and must not import it',
    ],
    [
      'the inside of another folder',
      'store/table.ts',
      `import '../core/a.js';`,
      'src/store/table.ts:1: imports: import core through src/core/index.ts, not src/core/a.ts',
    ],
    [
      'a sub-folder of another folder, even by its index',
      'server/serve.ts',
      `import '../store/storage/index.js';`,
      'src/server/serve.ts:1: imports: import store through src/store/index.ts, not src/store/storage/index.ts',
    ],
    [
      'its own folder through the index',
      'store/storage/memory.ts',
      `import '../index.js';`,
      'src/store/storage/memory.ts:1: imports: inside store files import each other directly, not through src/store/index.ts',
    ],
    [
      'the store from the informer',
      'informer/reflector.ts',
      `import '../store/index.js';`,
      'src/informer/reflector.ts:1: imports: informer must not import store: it knows Client and nothing below it',
    ],
    [
      'the store from leader-election',
      'leader-election/elector.ts',
      `import '../store/index.js';`,
      'src/leader-election/elector.ts:1: imports: leader-election must not import store: it knows Client and nothing below it',
    ],
    [
      'the store from the controller',
      'controller/manager.ts',
      `import '../store/index.js';`,
      'src/controller/manager.ts:1: imports: controller must not import store: it knows Client and nothing below it',
    ],
    [
      'the store from the scheduler',
      'scheduler/plugins/fit.ts',
      `import '../../store/index.js';`,
      'src/scheduler/plugins/fit.ts:1: imports: scheduler must not import store: it knows Client and nothing below it',
    ],
    [
      'the scheduler from the server',
      'server/serve.ts',
      `import '../scheduler/index.js';`,
      'src/server/serve.ts:1: imports: server must not import scheduler: kubernetes, server and scheduler do not import each other',
    ],
    [
      'kubernetes from the server',
      'server/serve.ts',
      `import '../kubernetes/index.js';`,
      'src/server/serve.ts:1: imports: server must not import kubernetes: kubernetes, server and scheduler do not import each other',
    ],
    [
      'testing',
      'controller/manager.ts',
      `import '../testing/index.js';`,
      'src/controller/manager.ts:1: imports: nobody imports testing',
    ],
    [
      'the front door',
      'store/table.ts',
      `import '../index.js';`,
      'src/store/table.ts:1: imports: nobody inside src imports src/index.ts',
    ],
    [
      'more than the ports, for an adapter',
      'metrics/prometheus/a.ts',
      `import '../../workqueue/index.js';`,
      'src/metrics/prometheus/a.ts:1: imports: metrics must not import workqueue: an adapter knows the ports of core and of controller',
    ],
    [
      'a heavy folder from the front door',
      'index.ts',
      `export * from './scheduler/index.js';`,
      'src/index.ts:1: imports: the front door is light, and does not import scheduler',
    ],
    [
      'the inside of a folder from the front door',
      'index.ts',
      `export * from './core/a.js';`,
      'src/index.ts:1: imports: import core through src/core/index.ts, not src/core/a.ts',
    ],
    [
      'a file without the ending .js',
      'store/table.ts',
      `import './engine';`,
      'src/store/table.ts:1: imports: ./engine is no file of src: name it with the ending .js',
    ],
    [
      'a file outside src',
      'store/table.ts',
      `import '../../scripts/x.js';`,
      'src/store/table.ts:1: imports: ../../scripts/x.js is no file of src: name it with the ending .js',
    ],
    [
      'the package by its own name',
      'store/table.ts',
      `import 'keelson/patch';`,
      'src/store/table.ts:1: packages: inside src, import keelson/patch by its relative path',
    ],
    [
      'fast-json-patch outside patch',
      'store/table.ts',
      `import 'fast-json-patch';`,
      'src/store/table.ts:1: packages: the package fast-json-patch is used only in patch',
    ],
    [
      'p-queue outside controller',
      'workqueue/queue.ts',
      `import PQueue from 'p-queue';`,
      'src/workqueue/queue.ts:1: packages: the package p-queue is used only in controller',
    ],
    [
      'zod outside resources',
      'store/table.ts',
      `import type * as z from 'zod/v4/core';`,
      'src/store/table.ts:1: packages: the package zod is used only in resources',
    ],
    [
      'all of zod',
      'resources/schema.ts',
      `import * as z from 'zod';`,
      'src/resources/schema.ts:1: packages: load zod as zod/v4/core, or import only its types, not zod',
    ],
    [
      'all of zod by an import of one type that stays in the JavaScript',
      'resources/schema.ts',
      `import { type ZodType } from 'zod';`,
      'src/resources/schema.ts:1: packages: load zod as zod/v4/core, or import only its types, not zod',
    ],
    [
      'a package that the house does not have',
      'core/a.ts',
      `import '@some/thing/deep';`,
      'src/core/a.ts:1: packages: the package @some/thing is not among those of the house: @grpc/grpc-js, @opentelemetry/api, eventemitter3, fast-check, fast-json-patch, lmdb, p-queue, prom-client, zod',
    ],
    [
      'a package of an engine outside of its folder',
      'store/engine.ts',
      `import { open } from 'lmdb';`,
      'src/store/engine.ts:1: packages: the package lmdb is used only in store/storage/lmdb',
    ],
    [
      'an engine inside the store',
      'store/engine.ts',
      `import { lmdbStorage } from './storage/lmdb/index.js';`,
      'src/store/engine.ts:1: imports: store/storage/lmdb has a subpath of its own, and nobody inside src imports it',
    ],
  ])('forbids %s', (_, file, text, expected) => {
    const files = {
      ...INDEXES,
      'index.ts': EMPTY,
      'core/a.ts': EMPTY,
      'store/engine.ts': EMPTY,
      'store/storage/index.ts': EMPTY,
      'store/storage/lmdb/index.ts': EMPTY,
    };
    expect(check(checkImports, { ...files, [file]: text })).toEqual([expected]);
  });

  it('forbids a folder that the design does not have, and files beside the front door', () => {
    expect(
      check(checkImports, { 'misc/a.ts': EMPTY, 'b.ts': EMPTY }).map((text) => text.split(': expected')[0]),
    ).toEqual([
      'src/b.ts:1: imports: src has no folder ""',
      'src/misc/a.ts:1: imports: src has no folder "misc"',
    ]);
  });
});

describe('the cycle rule', () => {
  it('forbids a way of imports from a file back to itself, once, and names the files on it', () => {
    expect(
      check(checkCycles, {
        'core/a.ts': `\nimport './b.js';`,
        'core/b.ts': `import './c.js';`,
        'core/c.ts': `import './a.js';`,
        'core/d.ts': `import './a.js';`,
      }),
    ).toEqual(['src/core/a.ts:2: cycles: src/core/a.ts -> src/core/b.ts -> src/core/c.ts -> src/core/a.ts']);
  });

  it('forbids cycles of types', () => {
    expect(
      check(checkCycles, {
        'core/a.ts': `import type { B } from './b.js';`,
        'core/b.ts': `import type { A } from './a.js';`,
      }),
    ).toEqual(['src/core/a.ts:1: cycles: src/core/a.ts -> src/core/b.ts -> src/core/a.ts']);
  });

  it('forbids a file that imports itself', () => {
    expect(check(checkCycles, { 'core/a.ts': `import './a.js';` })).toEqual([
      'src/core/a.ts:1: cycles: src/core/a.ts -> src/core/a.ts',
    ]);
  });

  it('reports each of two cycles through one file', () => {
    expect(
      check(checkCycles, {
        'core/a.ts': `import './b.js';\nimport './c.js';`,
        'core/b.ts': `import './a.js';`,
        'core/c.ts': `import './a.js';`,
      }),
    ).toEqual([
      'src/core/a.ts:1: cycles: src/core/a.ts -> src/core/b.ts -> src/core/a.ts',
      'src/core/a.ts:2: cycles: src/core/a.ts -> src/core/c.ts -> src/core/a.ts',
    ]);
  });

  it('allows two ways to the same file', () => {
    expect(
      check(checkCycles, {
        'core/a.ts': `import './b.js';\nimport './c.js';`,
        'core/b.ts': `import './d.js';`,
        'core/c.ts': `import './d.js';`,
        'core/d.ts': EMPTY,
      }),
    ).toEqual([]);
  });
});

// the compiler first reads the declarations of the platform, which takes seconds on a busy machine
describe('the ports rule', { timeout: 60_000 }, () => {
  const why = 'only core/clock.ts, core/random.ts and core/executor.ts may: take a Clock, Random or Executor';

  /** What is found in one file of the store, as `line name`. */
  function uses(text: string, file = 'store/a.ts'): readonly string[] {
    return check(checkPorts, { [file]: text }).map((finding) => {
      const match = /^src\/.+?:(\d+): ports: (.+) is (?:used|imported) here; (.+)$/.exec(finding);
      expect(match?.[3], finding).toBe(why);
      return `${match?.[1]} ${match?.[2]}`;
    });
  }

  it.each([
    ['a clock', `export const a = Date.now();`, 'Date'],
    ['a date', `export const a = new Date();`, 'Date'],
    ['a test for dates', `export const a = (v: unknown) => v instanceof Date;`, 'Date'],
    ['a class of dates', `export class A extends Date {}`, 'Date'],
    ['a timer', `setTimeout(() => {}, 1);`, 'setTimeout'],
    ['an interval', `setInterval(() => {}, 1);`, 'setInterval'],
    ['an immediate', `setImmediate(() => {});`, 'setImmediate'],
    ['a cleared timer', `clearTimeout(undefined);`, 'clearTimeout'],
    ['a cleared interval', `clearInterval(undefined);`, 'clearInterval'],
    ['a microtask', `queueMicrotask(() => {});`, 'queueMicrotask'],
    ['a random number', `export const a = Math.random();`, 'Math.random'],
    ['a uuid', `export const a = crypto.randomUUID();`, 'crypto'],
    ['a performance clock', `export const a = performance.now();`, 'performance'],
    ['a timeout signal', `export const a = AbortSignal.timeout(1);`, 'AbortSignal.timeout'],
    ['a tick', `process.nextTick(() => {});`, 'process.nextTick'],
    ['a high resolution clock', `export const a = process.hrtime.bigint();`, 'process.hrtime'],
    ['a global by globalThis', `export const a = globalThis.Date;`, 'Date'],
    ['a global by a key', `export const a = globalThis['setTimeout'];`, 'setTimeout'],
    ['a global by an untyped globalThis', `export const a = (globalThis as any).performance;`, 'performance'],
    ['a global by global', `export const a = global.queueMicrotask;`, 'queueMicrotask'],
    ['a member by a key', `export const a = Math['random']();`, 'Math.random'],
    [
      'a member by another name of its object',
      `const m = Math;\nexport const a = m.random();`,
      'Math.random',
    ],
    ['a destructured member', `export const { random } = Math;`, 'Math.random'],
    ['a renamed member', `export const { random: a } = Math;`, 'Math.random'],
    ['a destructured global', `export const { setTimeout: a } = globalThis;`, 'setTimeout'],
    ['a member destructured by an assignment', `let random;\n({ random } = Math);\nrandom();`, 'Math.random'],
    ['a member renamed by an assignment', `export let a;\n({ random: a } = Math);`, 'Math.random'],
    ['a global as a value', `export const a = { now: Date };`, 'Date'],
    ['a global as a shorthand', `export const a = { setTimeout };`, 'setTimeout'],
    ['a member as a value', `export const a = [1].map(Math.random);`, 'Math.random'],
    [
      'a member of an imported process',
      `import p from 'node:process';\np.nextTick(() => {});`,
      'process.nextTick',
    ],
    ['a test for a global', `export const a = typeof crypto === 'undefined';`, 'crypto'],
    ['an import of timers', `import 'node:timers';`, 'node:timers'],
    [
      'an import of timers with promises',
      `import { scheduler } from 'node:timers/promises';`,
      'node:timers/promises',
    ],
    ['an import of crypto', `import { randomBytes } from 'node:crypto';`, 'node:crypto'],
    ['an import of crypto by its old name', `import { randomBytes } from 'crypto';`, 'crypto'],
    ['a dynamic import', `export const a = () => import('node:crypto');`, 'node:crypto'],
    [
      'an export of performance hooks',
      `export { PerformanceObserver } from 'node:perf_hooks';`,
      'node:perf_hooks',
    ],
  ])('forbids %s', (_, text, name) => {
    const line = text.split('\n').length === 3 ? 2 : text.split('\n').length;
    expect(uses(text)).toEqual([`${line} ${name}`]);
  });

  it('forbids both the import and the use of a member of node:process', () => {
    expect(uses(`import { nextTick } from 'node:process';\nnextTick(() => {});`)).toEqual([
      '1 process.nextTick',
      '2 process.nextTick',
    ]);
  });

  it.each([
    [
      'a type',
      `export type A = Date;\nexport let b: Date | undefined;\nexport function f(d: Date): Date { return d; }`,
    ],
    [
      'a type of a value',
      `export let handle: ReturnType<typeof setTimeout> | undefined;\nexport type R = typeof Math.random;`,
    ],
    ['a type argument', `export const a = new Map<string, Date>();`],
    ['an extended type', `export interface A extends Date { b: string }`],
    ['an import of types', `import type { Hash } from 'node:crypto';\nexport type A = Hash;`],
    [
      'strings and comments',
      `// Date.now()\n/** {@link setTimeout} */\nexport const a = 'Date' + \`crypto\`;\nexport const b = { c: 'performance' };`,
    ],
    [
      'a shadowed global',
      `export function f(Date: { now(): number }, crypto: string) { return crypto + Date.now(); }`,
    ],
    ['a shadowed object', `const Math = { random: () => 4 };\nexport const a = Math.random();`],
    ['a shadowed globalThis', `export const f = (global: any) => global.Date;`],
    ['an import of that name', `import { setTimeout } from './timer.js';\nsetTimeout();`],
    ['a method of that name', `export class A { setTimeout() {} }\nnew A().setTimeout();`],
    [
      'a property of that name',
      `export const a = { performance: 1, Date: 2 };\nexport const b = a.performance + a['Date'];`,
    ],
    ['a shorthand for a local', `const random = 4;\nexport const a = { random };`],
    [
      'a destructured property of ours',
      `export const f = ({ random, crypto }: { random: number; crypto: string }) => crypto + random;`,
    ],
    ['other members of Math and process', `export const a = Math.max(1, 2);\nexport const b = process.env;`],
    [
      'other uses of AbortSignal',
      `export const a = AbortSignal.any([]);\nexport const b = (v: unknown) => v instanceof AbortSignal;`,
    ],
    [
      'a timeout that is not of AbortSignal',
      `import type { Server } from 'node:http';\nexport const f = (s: Server) => s.timeout;`,
    ],
    [
      'a label and a declared key',
      `export interface A { setTimeout(): void; readonly random: number }\nexport enum B { Date }`,
    ],
  ])('allows %s', (_, text) => {
    const found = check(checkPorts, {
      'store/a.ts': text,
      'store/timer.ts': `export function setTimeout() {}`,
    });
    expect(found).toEqual([]);
  });

  it('allows everything in the port files, and in no file whose name only ends alike', () => {
    const text = `export const a = Date.now() + Math.random();\nqueueMicrotask(() => {});`;
    expect(uses(text, 'core/clock.ts')).toEqual([]);
    expect(uses(text, 'core/random.ts')).toEqual([]);
    expect(uses(text, 'core/executor.ts')).toEqual([]);
    expect(uses(text, 'store/clock.ts')).toEqual(['1 Date', '1 Math.random', '2 queueMicrotask']);
  });
});
