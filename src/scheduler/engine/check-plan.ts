import { preview } from '../../core/index.js';

/** Checks what a plugin made ready: an object with a `state`, with `hosts`, with both, or empty. @throws TypeError for anything else. */
export function checkPlan(plan: unknown, asked: string): void {
  if (typeof plan === 'object' && plan !== null) {
    if ('hosts' in plan) {
      checkHosts(plan.hosts, asked);
      return;
    }
    if ('state' in plan || (Object.keys(plan).length === 0 && !('then' in plan))) return;
  }
  throw new TypeError(`${asked}: expected undefined, "skip" or an object with a state, got ${preview(plan)}`);
}

function checkHosts(hosts: unknown, asked: string): void {
  if (hosts === undefined || hosts instanceof Set) return;
  throw new TypeError(`${asked}: expected its hosts to be a Set of names, got ${preview(hosts)}`);
}
