import { isRejection, type Rejection, unresolvable, type Verdict } from '../framework/index.js';

/** Rejections with the plugin whose they are: the same verdict object for the same rejection object of a plugin. */
export class VerdictTable {
  // by plugin, by the rejection that it gave
  readonly #known = new Map<string, WeakMap<Rejection, Verdict>>();
  // what is said of hosts that were left out, by the names of the plugins that left them out
  readonly #leftOut = new Map<string, Verdict>();

  /** @throws TypeError where the answer of the plugin is no rejection. */
  of(plugin: string, rejection: Rejection): Verdict {
    let known = this.#known.get(plugin);
    if (known === undefined) this.#known.set(plugin, (known = new WeakMap()));
    let verdict = known.get(rejection);
    if (verdict === undefined) {
      isRejection(rejection, 'filter');
      verdict = Object.freeze({ plugin, code: rejection.code, reasons: rejection.reasons });
      known.set(rejection, verdict);
    }
    return verdict;
  }

  /** What is said of all hosts where plugins named the only ones in question, and no host is among those of each. */
  nothingLeft(plugins: readonly string[]): Verdict {
    const names = plugins.length === 1 ? ` ${plugins[0]}` : `(s) [${plugins.join(' ')}] simultaneously`;
    return Object.freeze({
      plugin: plugins.at(-1) ?? '',
      ...unresolvable(`node(s) didn't satisfy plugin${names}`),
    });
  }

  /** What is said of the hosts that plugins did not name when they named the only ones in question. */
  leftOut(plugins: readonly string[]): Verdict {
    const names = plugins.join(' ');
    let verdict = this.#leftOut.get(names);
    if (verdict === undefined) {
      verdict = Object.freeze({ plugin: '', ...unresolvable(`node(s) didn't satisfy plugin(s) [${names}]`) });
      this.#leftOut.set(names, verdict);
    }
    return verdict;
  }
}
