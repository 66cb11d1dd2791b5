import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What is created: named after what makes it hard to place. */
export const SHAPES = [
  'identical',
  'fifty',
  'own',
  'spread',
  'apart',
  'together',
  'preferred',
  'infeasible',
  'groups',
] as const;

/** How long a burst of 10,000 Pods holds the event loop; each shape of Pods in a process of its own, in which nothing has run before. */
export async function measureBurst(): Promise<void> {
  for (const shape of SHAPES) {
    const process_ = fileURLToPath(new URL('burst-process.js', import.meta.url));
    const { status } = spawnSync(process.execPath, [process_, shape], { stdio: 'inherit' });
    if (status !== 0) throw new Error(`a burst of ${shape} pods: expected exit code 0, got ${status}`);
  }
}
