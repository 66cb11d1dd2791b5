import { describe, expect, it } from 'vitest';
import { SharedQuery } from '../../../../src/store/storage/etcd/shared-query.js';

/** A question that is answered by hand. */
function byHand(): {
  readonly asked: { readonly resolve: (answer: number) => void; readonly reject: (error: Error) => void }[];
  readonly query: SharedQuery<number>;
} {
  const asked: { resolve: (answer: number) => void; reject: (error: Error) => void }[] = [];
  const query = new SharedQuery(
    () => new Promise<number>((resolve, reject) => asked.push({ resolve, reject })),
  );
  return { asked, query };
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

describe('a shared query', () => {
  it('asks once for all who ask in the same turn', async () => {
    const { asked, query } = byHand();
    const answers = [query.answer(), query.answer()];
    await turns();
    expect(asked).toHaveLength(1);
    asked[0]?.resolve(1);
    expect(await Promise.all(answers)).toEqual([1, 1]);
  });

  it('never answers with a question that was put before the call', async () => {
    const { asked, query } = byHand();
    const first = query.answer();
    await turns();
    const later = [query.answer(), query.answer()];
    await turns();
    expect(asked).toHaveLength(1);
    asked[0]?.resolve(1);
    expect(await first).toBe(1);
    await turns();
    expect(asked).toHaveLength(2);
    const last = query.answer();
    asked[1]?.resolve(2);
    expect(await Promise.all(later)).toEqual([2, 2]);
    await turns();
    asked[2]?.resolve(3);
    expect(await last).toBe(3);
  });

  it('gives an error to those alone who share it', async () => {
    const { asked, query } = byHand();
    const first = query.answer();
    await turns();
    const second = query.answer();
    asked[0]?.reject(new Error('no'));
    await expect(first).rejects.toThrow('no');
    await turns();
    asked[1]?.resolve(2);
    expect(await second).toBe(2);
  });
});
