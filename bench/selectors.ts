import { LabelSelector, Quantity } from 'keelson';
import type { Row } from './harness.js';

const PARSES = 20_000;
const MATCHES = 1_000_000;
const QUANTITIES = 200_000;

const SELECTORS = [
  'app=web',
  'app in (a,b,web),tier!=db',
  'app,!legacy,env notin (dev,test)',
  'tier=web,topology.lab/zone=zone-a,pod-template-hash=5d8f7c9b6d',
];

/** Texts of every kind: whole, with each sort of suffix, with a fraction, and too long for a number. */
const AMOUNTS = ['100m', '1.5Gi', '2', '256Mi', '1e3', '0.5', '12345678901234567890', '500n'];

/** The same as they are written. */
const WRITTEN = ['100m', '1536Mi', '2', '256Mi', '1e3', '500m', '12345678901234567890', '500n'];

type Labels = Readonly<Record<string, string>>;

/**
 * Label selectors and quantities.
 *
 * The goals are what k8s.io/apimachinery 0.36 reaches on a 2-core machine with the same selectors, labels and texts.
 */
export function selectorRows(): readonly Row[] {
  const parsed = SELECTORS.map((text) => LabelSelector.parse(text));
  const one = Quantity.parse('1');
  const labels = makeLabels(0);
  return [
    {
      name: 'selectors: parse, then match',
      operations: PARSES,
      goal: 285_000,
      run: () => {
        let count = 0;
        for (let turn = 0; turn < PARSES; turn += 1) {
          if (LabelSelector.parse(SELECTORS[turn & 3] as string).matches(labels)) count += 1;
        }
        expectCount(count, PARSES);
      },
    },
    matchRow('one set of labels', parsed, [labels], MATCHES, 28_000_000),
    matchRow('64 sets of one shape', parsed, makeSets(makeLabels), MATCHES),
    matchRow('64 sets as JSON.parse makes them', parsed, makeSets(makeParsedLabels), MATCHES),
    matchRow('64 sets of 64 shapes', parsed, makeSets(makeOddLabels), MATCHES),
    matchRow('64 sets, half of them match', parsed, makeSets(makeOtherLabels), MATCHES / 2),
    {
      name: 'quantities: parse',
      operations: QUANTITIES,
      goal: 4_200_000,
      run: () => {
        let count = 0;
        for (let turn = 0; turn < QUANTITIES; turn += 1) {
          if (Quantity.parse(AMOUNTS[turn & 7] as string).format === 'DecimalSI') count += 1;
        }
        expectCount(count, (QUANTITIES * 5) / 8);
      },
    },
    {
      name: 'quantities: parse, toString and cmp',
      operations: QUANTITIES,
      goal: 1_700_000,
      run: () => {
        let length = 0;
        let count = 0;
        for (let turn = 0; turn < QUANTITIES; turn += 1) {
          const quantity = Quantity.parse(AMOUNTS[turn & 7] as string);
          length += quantity.toString().length;
          if (quantity.cmp(one) > 0) count += 1;
        }
        expectCount(length, (QUANTITIES * WRITTEN.join('').length) / 8);
        expectCount(count, (QUANTITIES * 5) / 8);
      },
    },
  ];
}

/** A row that matches four selectors in turn, each with every one of the sets of labels, whose number is a power of two. */
function matchRow(
  what: string,
  selectors: readonly LabelSelector[],
  sets: readonly Labels[],
  matching: number,
  goal?: number,
): Row {
  return {
    name: `selectors: match, ${what}`,
    operations: MATCHES,
    ...(goal === undefined ? {} : { goal }),
    run: () => {
      let count = 0;
      for (let turn = 0; turn < MATCHES; turn += 1) {
        const labels = sets[(turn >> 2) & (sets.length - 1)] as Labels;
        if ((selectors[turn & 3] as LabelSelector).matches(labels)) count += 1;
      }
      expectCount(count, matching);
    },
  };
}

/** Fails a row that did not do what it was measured for; so no result goes unused either. */
function expectCount(count: number, expected: number): void {
  if (count !== expected) throw new Error(`expected ${expected}, got ${count}`);
}

function makeSets(make: (index: number) => Labels): readonly Labels[] {
  return Array.from({ length: 64 }, (_, index) => Object.freeze(make(index)));
}

/** Labels that every one of the selectors matches. */
function makeLabels(_index: number): Labels {
  return {
    app: 'web',
    tier: 'web',
    'topology.lab/zone': 'zone-a',
    'pod-template-hash': '5d8f7c9b6d',
    env: 'prod',
  };
}

function makeParsedLabels(index: number): Labels {
  return JSON.parse(JSON.stringify({ ...makeLabels(index), name: `web-${index}` })) as Labels;
}

function makeOddLabels(index: number): Labels {
  return { [`team-${index}`]: 'a', ...makeLabels(index) };
}

/** Labels of which every other set is that of an application that none of the selectors wants. */
function makeOtherLabels(index: number): Labels {
  return index % 2 === 0
    ? makeLabels(index)
    : { ...makeLabels(index), app: 'old', tier: 'db', legacy: 'yes' };
}
