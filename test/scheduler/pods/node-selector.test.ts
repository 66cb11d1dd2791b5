import { describe, expect, it } from 'vitest';
import type { NodeSelectorRequirement, NodeSelectorTerm } from '../../../src/resources/kinds/index.js';
import { requiredNodesOf } from '../../../src/scheduler/pods/node-affinity.js';
import { NodeTerms } from '../../../src/scheduler/pods/node-selector.js';

const node = { name: 'n1', labels: { disk: 'ssd', cores: '08', odd: 'x' } };

function matches(...terms: NodeSelectorTerm[]): boolean {
  return new NodeTerms(terms, 'terms').matches(node);
}

function problems(...terms: NodeSelectorTerm[]): (string | undefined)[] {
  return new NodeTerms(terms, 'terms').list.map(({ problem }) => problem);
}

function label(key: string, operator: string, ...values: string[]): NodeSelectorTerm {
  return { matchExpressions: [{ key, operator, ...(values.length > 0 && { values }) }] };
}

function field(operator: string, ...values: string[]): NodeSelectorRequirement {
  return { key: 'metadata.name', operator, values };
}

describe('NodeTerms', () => {
  it.each<[NodeSelectorTerm, boolean]>([
    [label('disk', 'In', 'hdd', 'ssd'), true],
    [label('disk', 'In', 'hdd'), false],
    [label('disk', 'NotIn', 'ssd'), false],
    [label('none', 'NotIn', 'ssd'), true],
    [label('disk', 'Exists'), true],
    [label('none', 'DoesNotExist'), true],
    [label('toString', 'Exists'), false],
    [label('cores', 'Gt', '7'), true],
    [label('cores', 'Gt', '8'), false],
    [label('cores', 'Lt', '9'), true],
    [label('odd', 'Lt', '9'), false],
    [label('none', 'Lt', '9'), false],
    [{ matchFields: [field('In', 'n1')] }, true],
    [{ matchFields: [field('NotIn', 'n1')] }, false],
    [{ ...label('disk', 'Exists'), matchFields: [field('In', 'n2')] }, false],
    [{}, false],
    [{ matchExpressions: [], matchFields: [] }, false],
  ])('%j matches: %s', (term, answer) => {
    expect(matches(term)).toBe(answer);
  });

  it('takes any of the terms, and those in error for no match', () => {
    expect(matches(label('disk', 'Like', 'ssd'), label('disk', 'Exists'))).toBe(true);
    expect(matches(label('disk', 'Like', 'ssd'))).toBe(false);
    expect(matches()).toBe(false);
  });

  it('says what is wrong with a term, and where', () => {
    expect(
      problems(
        label('disk', 'Like', 'ssd'),
        label('cores', 'Gt', '-5'),
        label('cores', 'Gt', 'many'),
        label('cores', 'Gt'),
        label('a,b', 'Lt', '1'),
        { matchFields: [field('In', 'a', 'b')] },
        { matchFields: [field('Exists')] },
      ),
    ).toMatchInlineSnapshot(`
      [
        "terms[0].matchExpressions[0].operator: expected In, NotIn, Exists or DoesNotExist, got "Like"",
        "terms[1].matchExpressions[0].values: expected a whole number from 0 up, got "-5"",
        "terms[2].matchExpressions[0].values: expected a whole number from 0 up, got "many"",
        "terms[3].matchExpressions[0].values: expected one value, got []",
        "terms[4].matchExpressions[0].key: "a,b": expected letters, digits, '-', '_' and '.', with a letter or digit first and last, as in 'My.name_1'",
        "terms[5].matchFields[0].values: expected one value, got an array of 2",
        "terms[6].matchFields[0].operator: expected In or NotIn, got "Exists"",
      ]
    `);
  });

  it('knows the only names in question', () => {
    const names = (...terms: NodeSelectorTerm[]): readonly string[] | undefined => {
      const found = new NodeTerms(terms, 'terms').names;
      return found && [...found];
    };
    expect(
      names(
        { matchFields: [field('In', 'a', 'b'), field('In', 'b', 'c')] },
        { matchFields: [field('In', 'd')] },
      ),
    ).toEqual(['b', 'd']);
    expect(names({ matchFields: [field('In', 'a'), field('In', 'b')] })).toEqual([]);
    expect(names({ matchFields: [field('In', 'a')] }, label('disk', 'Exists'))).toBeUndefined();
    expect(names({ matchFields: [field('NotIn', 'a')] })).toBeUndefined();
    expect(names()).toBeUndefined();
  });
});

describe('requiredNodesOf', () => {
  it('asks for all labels of the node selector, and for the required terms', () => {
    const asked = (
      nodeSelector: Record<string, string>,
      ...nodeSelectorTerms: NodeSelectorTerm[]
    ): boolean | undefined =>
      requiredNodesOf({
        containers: [],
        nodeSelector,
        affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
      })?.matches(node);
    expect(asked({ disk: 'ssd', odd: 'x' }, label('cores', 'Exists'))).toBe(true);
    expect(asked({ disk: 'ssd', odd: 'y' }, label('cores', 'Exists'))).toBe(false);
    expect(asked({ disk: 'ssd' }, label('none', 'Exists'))).toBe(false);
    expect(asked({})).toBe(false);
  });

  it('asks nothing where the Pod asks nothing', () => {
    expect(requiredNodesOf({ containers: [], affinity: { nodeAffinity: {} } })).toBeNull();
    expect(requiredNodesOf({ containers: [], nodeSelector: {} })?.matches(node)).toBe(true);
    expect(requiredNodesOf({ containers: [], nodeSelector: { constructor: 'x' } })?.matches(node)).toBe(
      false,
    );
  });
});
