import { type ApiObject, preview } from '../../core/index.js';
import type { Plugin } from '../framework/index.js';

/** A plugin in its place among the others. */
export interface Member<W extends ApiObject, H extends ApiObject> {
  readonly plugin: Plugin<W, H>;
  readonly name: string;
  /** Its place in the profile: filters run, and answer, in this order. */
  readonly order: number;
  readonly weight: number;
  /** Whether it looks at one host at a time and nothing else, so that its answers can be remembered for each host. */
  readonly isLocal: boolean;
}

const FUNCTIONS = [
  'less',
  'preEnqueue',
  'preFilter',
  'filter',
  'filterAll',
  'remedy',
  'postFilter',
  'isMakingRoom',
  'survey',
  'preScore',
  'score',
  'scoreAll',
  'reserve',
  'unreserve',
  'permit',
  'preBind',
  'bind',
  'postBind',
  'wakes',
] as const;

/** The plugins that decide together, in order. */
export class Profile<W extends ApiObject, H extends ApiObject> {
  readonly members: readonly Member<W, H>[];
  /** Those that filter, and those that score. */
  readonly filters: readonly Member<W, H>[];
  readonly scorers: readonly Member<W, H>[];

  /** @throws TypeError for two plugins of one name, a weight or a function that is none. */
  constructor(plugins: readonly Plugin<W, H>[]) {
    if (!Array.isArray(plugins)) throw new TypeError(`plugins: expected a list, got ${preview(plugins)}`);
    const names = new Set<string>();
    this.members = (plugins as readonly Plugin<W, H>[]).map((plugin, order) => {
      const member = memberOf(plugin, order);
      if (names.has(member.name)) {
        throw new TypeError(
          `plugins[${order}].name: expected a name that no other plugin has, got ${preview(member.name)}`,
        );
      }
      names.add(member.name);
      return member;
    });
    this.filters = this.members.filter(
      ({ plugin }) => plugin.filter !== undefined || plugin.preFilter !== undefined,
    );
    this.scorers = this.members.filter(({ plugin }) => plugin.score !== undefined);
  }
}

function memberOf<W extends ApiObject, H extends ApiObject>(
  plugin: Plugin<W, H>,
  order: number,
): Member<W, H> {
  const at = `plugins[${order}]`;
  if (typeof plugin !== 'object' || plugin === null) {
    throw new TypeError(`${at}: expected a plugin, got ${preview(plugin)}`);
  }
  const { name, weight = 1, normalize } = plugin;
  if (typeof name !== 'string' || name === '') {
    throw new TypeError(`${at}.name: expected a text, got ${preview(name)}`);
  }
  if (!Number.isSafeInteger(weight) || weight < 1) {
    throw new TypeError(
      `${at} (${name}): expected weight to be a whole number of at least 1, got ${preview(weight)}`,
    );
  }
  for (const step of FUNCTIONS) {
    const value: unknown = plugin[step];
    if (value !== undefined && typeof value !== 'function') {
      throw new TypeError(`${at} (${name}): expected ${step} to be a function, got ${preview(value)}`);
    }
  }
  if (
    normalize !== undefined &&
    normalize !== 'max' &&
    normalize !== 'reverse' &&
    typeof normalize !== 'function'
  ) {
    throw new TypeError(
      `${at} (${name}): expected normalize to be "max", "reverse" or a function, got ${preview(normalize)}`,
    );
  }
  return {
    plugin,
    name,
    order,
    weight,
    isLocal: plugin.reads?.part !== undefined && typeof normalize !== 'function',
  };
}
