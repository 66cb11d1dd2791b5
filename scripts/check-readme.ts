import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installPacked, type Manifest } from './readme/packed-package.js';
import { quickStart, scriptsNamed, type QuickStart } from './readme/quick-start.js';

/** Milliseconds that a program may take. */
const LIMIT = 60_000;

/** The command that `.ci/run` runs as the tests: newcomers must be told the same one. */
const TEST_COMMAND = 'npm ci && npm test';

interface Outcome {
  readonly output: string;
  /** Why the program failed; undefined where it ended well. */
  readonly failure: string | undefined;
}

/** Runs a program in `folder` as a newcomer would: its own file, plain Node. */
function runProgram(folder: string, file: string, code: string): Outcome {
  writeFileSync(join(folder, file), code);
  const { error, signal, status, stdout, stderr } = spawnSync(process.execPath, [file], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT,
    killSignal: 'SIGKILL',
  });
  const output = `${stdout}${stderr}`;
  if (signal === 'SIGKILL') return { output, failure: `${file} did not end within ${LIMIT / 1000} s` };
  if (error !== undefined) return { output, failure: `${file} could not be run: ${error.message}` };
  return { output, failure: status === 0 ? undefined : `${file} ended with exit code ${status ?? signal}` };
}

function checkQuickStart(folder: string, { code, output }: QuickStart): readonly string[] {
  const outcome = runProgram(folder, 'quick-start.mjs', code);
  const problems = outcome.failure === undefined ? [] : [outcome.failure];
  for (const line of output) {
    if (!outcome.output.includes(line))
      problems.push(`quick-start.mjs did not print ${JSON.stringify(line)}`);
  }
  return problems.length === 0 ? [] : [...problems, `quick-start.mjs printed:\n${outcome.output}`];
}

function checkExports(folder: string, manifest: Manifest): readonly string[] {
  const problems: string[] = [];
  for (const subpath of Object.keys(manifest.exports)) {
    if (subpath.endsWith('.json')) continue;
    const specifier = `${manifest.name}${subpath.slice(1)}`;
    const code = `const names = Object.keys(await import(${JSON.stringify(specifier)}));
if (names.length === 0) throw new Error('it exports nothing');\n`;
    const { failure, output } = runProgram(folder, 'import.mjs', code);
    if (failure !== undefined) problems.push(`${specifier} cannot be imported: ${failure}\n${output}`);
  }
  return problems;
}

function checkCommands(markdown: string, manifest: Manifest): readonly string[] {
  const problems = scriptsNamed(markdown)
    .filter((name) => !Object.hasOwn(manifest.scripts, name))
    .map((name) => `the README says "npm run ${name}", which package.json does not have`);
  if (!markdown.includes(TEST_COMMAND))
    problems.push(`the README does not say how to run the tests: ${TEST_COMMAND}`);
  return problems;
}

function checkReadme(path: string): readonly string[] {
  if (!existsSync(path)) return [`${path} does not exist`];
  if (!existsSync('dist')) return ['there is no dist to pack: run "npm run build" first'];
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
  const markdown = readFileSync(path, 'utf8');
  const program = quickStart(markdown);
  const installed = installPacked(manifest);
  try {
    return [
      ...checkCommands(markdown, manifest),
      ...checkExports(installed.folder, manifest),
      ...checkQuickStart(installed.folder, program),
    ];
  } finally {
    installed.remove();
  }
}

const { values } = parseArgs({ options: { readme: { type: 'string', default: 'README.md' } } });
try {
  const problems = checkReadme(values.readme);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
  else console.log(`${values.readme} says what is so.`);
} catch (error) {
  console.error(
    `${values.readme} could not be checked: ${error instanceof Error ? error.message : String(error)}`,
  );
  process.exitCode = 1;
}
