/** How soon a workload is tried again: whether it has to wait until its backoff is over. */
export type Wish = 'at once' | 'after backoff';

/** How soon a workload is tried again for which some that said no may now say yes; undefined where there is none. */
export function wishFor(helped: readonly { readonly pending: boolean }[]): Wish | undefined {
  if (helped.length === 0) return undefined;
  return helped.some(({ pending }) => pending) ? 'at once' : 'after backoff';
}
