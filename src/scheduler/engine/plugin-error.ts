/** A plugin failed, and with it the decision; nothing was changed by it. */
export class PluginError extends Error {
  override readonly name = 'PluginError';
  /** The plugin that failed. */
  readonly plugin: string;
  /** The function of the plugin. */
  readonly step: string;

  constructor(plugin: string, step: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`running ${step} of the plugin ${JSON.stringify(plugin)}: ${why}`, { cause });
    this.plugin = plugin;
    this.step = step;
  }
}
