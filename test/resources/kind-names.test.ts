import { describe, expect, it } from 'vitest';
import { defineResource, type KindNames } from '../../src/resources/index.js';

const define = (names: Partial<Record<keyof KindNames, unknown>>): ReturnType<typeof defineResource> =>
  defineResource({ group: 'example.com', version: 'v1', kind: 'Website', ...names } as {
    group: string;
    version: string;
    kind: string;
  });

describe('the names of a kind', () => {
  it.each([
    ['Website', 'websites'],
    ['Ingress', 'ingresses'],
    ['Status', 'statuses'],
    ['Box', 'boxes'],
    ['Quiz', 'quizes'],
    ['Watch', 'watches'],
    ['Dish', 'dishes'],
    ['Policy', 'policies'],
    ['NetworkPolicy', 'networkpolicies'],
    ['Gateway', 'gateways'],
    ['Key', 'keys'],
    ['Toy', 'toys'],
    ['ReplicaSet', 'replicasets'],
    ['Pod', 'pods'],
    ['Cache', 'caches'],
    ['Y', 'ys'],
  ])('of %s have the plural %s', (kind, plural) => {
    expect(define({ kind }).plural).toBe(plural);
  });

  it.each(['Endpoints', 'Pods', 'DNS', 'Metrics'])('of %s need the plural to be given', (kind) => {
    expect(() => define({ kind })).toThrow(
      new TypeError(`defineResource: plural: the plural of "${kind}" is ambiguous, expected it to be given`),
    );
    expect(define({ kind, plural: kind.toLowerCase() }).plural).toBe(kind.toLowerCase());
  });

  it('take the given plural over the guess', () => {
    expect(define({ kind: 'Quiz', plural: 'quizzes' }).plural).toBe('quizzes');
  });

  it.each(['', 'example.com', 'apps', 'a.b-c.d'])('take the group %j', (group) => {
    expect(define({ group }).apiVersion).toBe(group === '' ? 'v1' : `${group}/v1`);
  });

  it.each<[keyof KindNames, unknown, string]>([
    ['group', 'Example.com', "'' or a DNS subdomain such as 'example.com', got \"Example.com\""],
    ['group', 'a/b', 'got "a/b"'],
    ['group', undefined, 'got undefined'],
    ['group', 1n, 'got 1n'],
    ['version', '', "a version such as 'v1' or 'v1beta2', got \"\""],
    ['version', 'V1', 'got "V1"'],
    ['version', '1', 'got "1"'],
    ['version', 'v1/x', 'got "v1/x"'],
    ['version', 1, 'got 1'],
    ['kind', 'website', 'upper camel case such as \'Website\', 63 characters at most, got "website"'],
    ['kind', '', 'got ""'],
    ['kind', 'Web-site', 'got "Web-site"'],
    ['kind', `W${'x'.repeat(63)}`, 'got "Wxxx'],
    ['kind', '__proto__', 'got "__proto__"'],
    ['kind', null, 'got null'],
    ['plural', 'Websites', 'a lower case label such as \'websites\', got "Websites"'],
    ['plural', '', 'got ""'],
    ['plural', 'web.sites', 'got "web.sites"'],
    ['plural', 7, 'got 7'],
    ['scope', 'namespaced', "'Namespaced' or 'Cluster', got \"namespaced\""],
    ['scope', null, 'got null'],
  ])('refuse the %s %s, saying what was expected', (option, value, message) => {
    const attempt = (): unknown => define({ [option]: value });
    expect(attempt).toThrow(TypeError);
    expect(attempt).toThrow(new RegExp(`^defineResource: ${option}: expected `));
    expect(attempt).toThrow(message);
  });
});
