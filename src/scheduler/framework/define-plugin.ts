import type { ApiObject } from '../../core/index.js';
import type { Plugin } from './plugin.js';

/** The plugin that it is given: the types of its states are found out by what `preFilter` and `preScore` answer, and are its own affair. */
export function definePlugin<W extends ApiObject, H extends ApiObject, F = unknown, S = unknown>(
  plugin: Plugin<W, H, F, S>,
): Plugin<W, H> {
  return plugin;
}
