import { describe, expect, it } from 'vitest';
import { Diary, updated } from './runs.js';

const KEY = { namespace: 'default', name: 'a' };
const POD = { kind: 'Pod', key: { namespace: 'default', name: 'a-1' } };

describe('Trace.explain', () => {
  it('follows a run to its reasons, to the writes that these were, to the runs that wrote, and so on', () => {
    const diary = new Diary();
    const { trace } = diary;
    const pod = diary.began('pod', [{ type: 'source', source: 'machines' }], { key: POD.key });
    diary.wrote(pod, '209', POD);
    trace.ended(pod, 'success', 1_001);
    const deployment = diary.began('deployment', [updated('209', POD)]);
    diary.wrote(deployment, '210', { subresource: 'status' });
    trace.ended(deployment, 'success', 1_001);
    const website = diary.began('website', [updated('210'), { type: 'resync', kind: 'Website', key: KEY }]);
    diary.wrote(website, '211', { kind: 'Website', verb: 'update', subresource: 'status' });
    diary.wrote(website, '208', { kind: 'Page', verb: 'apply', outcome: 'unchanged' });
    diary.wrote(website, undefined, {
      kind: 'Page',
      key: undefined,
      verb: 'create',
      outcome: 'failed',
      error: new Error('full'),
    });
    trace.ended(website, 'success', 1_003);

    const explanation = trace.explain(KEY, { controller: 'website' });
    expect(explanation.runs).toMatchObject([
      {
        run: { id: 'website#3' },
        causes: [
          {
            reason: { revision: '210' },
            write: { revision: '210' },
            by: { run: { id: 'deployment#2' }, causes: [{ by: { run: { id: 'pod#1' }, causes: [{}] } }] },
          },
          { reason: { type: 'resync' } },
        ],
      },
    ]);
    expect(explanation.toString()).toBe(
      [
        'website default/a #3 (success in 3 ms)',
        '  because Deployment default/a was updated (revision 210)',
        '    written by deployment default/a #2: patch status',
        '      because Pod default/a-1 was updated (revision 209)',
        '        written by pod default/a-1 #1: patch',
        '          because the source "machines" asked for it',
        '  because Website default/a was told of again',
        '  it wrote Website default/a: update status (revision 211)',
        '  it left Page default/a as it was: apply',
        '  it failed to write Page: create: "full"',
      ].join('\n'),
    );
  });

  it('follows a retry and a wish to look again to the run before, by its id where that is known', () => {
    const diary = new Diary();
    const { trace } = diary;
    trace.ended(
      diary.began('website', [{ type: 'add', kind: 'Website', key: KEY, revision: '5' }]),
      'requeue_after',
      1_000,
    );
    trace.ended(diary.began('other'), 'success', 1_000);
    trace.ended(diary.began('website', [{ type: 'requeueAfter' }]), 'error', 3_500, new Error('no'));
    diary.began('website', [
      { type: 'retry' },
      { type: 'requeueAfter', run: 'other#2' },
      { type: 'takeover' },
    ]);
    expect(trace.explain(KEY, { controller: 'website' }).toString()).toBe(
      [
        'website default/a #4 (running)',
        '  because the reconcile before failed',
        '    website default/a #3 (error in 2.5 s: "no")',
        '      because an earlier reconcile wished to look again',
        '        website default/a #1 (requeue_after in 0 ms)',
        '          because Website default/a was added (revision 5)',
        '  because an earlier reconcile wished to look again',
        '    other default/a #2 (success in 0 ms)',
        '  because this process took it over',
        'website default/a #3 (error in 2.5 s: "no") (told above)',
        'website default/a #1 (requeue_after in 0 ms) (told above)',
      ].join('\n'),
    );
  });

  it('tells the causes of a run once, and cuts circles', () => {
    const diary = new Diary();
    const run = diary.began('website', [{ type: 'requeueAfter', run: 'website#1' }, updated('7')]);
    diary.wrote(run, '7');
    diary.trace.ended(run, 'success', 1_000);
    const { runs } = diary.trace.explain(KEY);
    expect(runs[0]?.causes.map(({ by }) => by?.cut)).toEqual(['told above', 'told above']);
    expect(diary.trace.explain(KEY).toString()).toContain(
      'written by website default/a #1: patch (told above)',
    );
  });

  it('goes back as far as it is told to', () => {
    const diary = new Diary();
    for (let count = 0; count < 100; count += 1) {
      const run = diary.began('website', [updated(`${count}`)], { key: { name: `${count}` } });
      diary.wrote(run, `${count + 1}`);
    }
    const depthOf = (depth?: number): number => {
      let [explained, runs] = [diary.trace.explain({ name: '99' }, { depth }).runs[0], 0];
      for (; explained?.cut === undefined; explained = explained?.causes[0]?.by) runs += 1;
      expect(explained.cut).toBe('too far back');
      return runs;
    };
    expect([depthOf(), depthOf(1), depthOf(37)]).toEqual([10, 1, 37]);
    for (const depth of [0, -1, 1.5, Number.NaN])
      expect(() => depthOf(depth)).toThrow(`explain: depth: expected a whole number above 0, got ${depth}`);
  });

  it('explains the ten newest runs of a key, and says how many more there are', () => {
    const diary = new Diary();
    for (let count = 0; count < 25; count += 1) diary.began('website', [updated('1')]);
    diary.began('website', [], { key: { name: 'a' } });
    const { runs, earlier } = diary.trace.explain(KEY);
    expect(runs.map(({ run }) => run.id)[0]).toBe('website#25');
    expect([runs.length, earlier]).toEqual([10, 15]);
    expect(diary.trace.explain(KEY).toString()).toMatch(/\nand 15 earlier$/);
  });

  it('tells stores apart', () => {
    const diary = new Diary();
    const eu = diary.began('website', [], { store: 'eu' });
    diary.wrote(eu, '7', { store: 'us' });
    diary.began('website', [updated('7', { store: 'us' })], { store: 'us' });
    expect(diary.trace.explain(KEY, { store: 'us' }).toString()).toBe(
      [
        'website default/a in us #2 (running)',
        '  because Deployment default/a was updated in us (revision 7)',
        '    written by website default/a in eu #1: patch',
      ].join('\n'),
    );
  });

  it('has a text for every reason', () => {
    const diary = new Diary();
    const types = [
      'add',
      'update',
      'delete',
      'resync',
      'source',
      'requeueAfter',
      'retry',
      'interrupted',
      'takeover',
    ] as const;
    diary.began(
      'website',
      types.map((type) => ({ type })),
    );
    expect(diary.trace.explain(KEY).toString().split('\n').slice(1)).toEqual([
      '  because an object was added',
      '  because an object was updated',
      '  because an object was deleted',
      '  because an object was told of again',
      '  because the source undefined asked for it',
      '  because an earlier reconcile wished to look again',
      '  because the reconcile before failed',
      '  because the reconcile before was cut short',
      '  because this process took it over',
    ]);
  });

  it('prints errors on one line, and a few of many writes', () => {
    const diary = new Diary();
    const run = diary.began('website');
    for (let count = 0; count < 12; count += 1) diary.wrote(run, `${count}`);
    diary.trace.ended(run, 'error', 900, 'a\nb');
    const lines = diary.trace.explain(KEY).toString().split('\n');
    // the clock was set back meanwhile
    expect(lines[0]).toBe('website default/a #1 (error: "a\\nb")');
    expect(lines).toHaveLength(12);
    expect(lines.at(-1)).toBe('  and 2 more writes');
  });

  it('says so where nothing is remembered', () => {
    expect(new Diary().trace.explain(KEY).toString()).toBe('no reconcile of default/a is remembered');
  });
});
