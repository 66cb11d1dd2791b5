import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';

/**
 * The npm scripts that must pass, in two lanes that run side by side; those of a lane run one after another.
 *
 * What needs `dist` stands behind `build`.
 */
const LANES: readonly (readonly string[])[] = [
  ['typecheck', 'lint', 'format:check', 'check:house', 'check:kinds', 'check:unused', 'docs'],
  ['build', 'check:package', 'check:readme', 'check:size'],
];

/** Milliseconds that one guard may take. */
const LIMIT = 180_000;

/** Runs one npm script; true where it passed. Prints one line, and its output where it failed. */
async function runGuard(name: string): Promise<boolean> {
  const start = performance.now();
  const child = spawn('npm', ['run', '--silent', name], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT,
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const end = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  const ok = end === 'exit code 0';
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`guard ${name.padEnd(14)} ${ok ? 'ok' : `FAILED (${end})`} ${seconds} s`);
  if (!ok) console.log(Buffer.concat(chunks).toString('utf8').trimEnd().replaceAll(/^/gm, '    '));
  return ok;
}

async function runLane(names: readonly string[]): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const name of names) {
    // one after another is what a lane means
    // oxlint-disable-next-line no-await-in-loop
    if (!(await runGuard(name))) failed.push(name);
  }
  return failed;
}

const failed = (await Promise.all(LANES.map(runLane))).flat();
const count = LANES.flat().length;
if (failed.length > 0) process.exitCode = 1;
console.log(
  failed.length === 0
    ? `all ${count} guards passed`
    : `${failed.length} of ${count} guards failed: ${failed.join(', ')}`,
);
