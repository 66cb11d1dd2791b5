/** What tells of signals: the process. */
export interface SignalledProcess {
  on(signal: string, listener: () => void): unknown;
  off(signal: string, listener: () => void): unknown;
  exit(code: number): unknown;
}

/** Which signals count, and whose. */
export interface ProcessSignalsOptions {
  /** `SIGTERM` and `SIGINT` unless given. */
  readonly signals?: readonly string[] | undefined;
  /** The process of this program unless given. */
  readonly process?: SignalledProcess | undefined;
}

/**
 * Turns the signals that end a process into an `AbortSignal`, to stop in order.
 *
 * The first aborts it. The second ends the process at once, with code 1: who sends it does not want to wait. Dispose of it to take the
 * listeners off; they do not keep the process alive.
 *
 * Source: `SetupSignalHandler` in controller-runtime.
 *
 * @example
 * ```ts
 * const stop = processSignals();
 * await manager.run({ signal: stop.signal });
 * stop[Symbol.dispose]();
 * ```
 */
export function processSignals(
  options: ProcessSignalsOptions = {},
): { readonly signal: AbortSignal } & Disposable {
  const { signals = ['SIGTERM', 'SIGINT'], process = globalThis.process } = options;
  const stopping = new AbortController();
  const listeners = signals.map((name) => {
    const listener = (): void => {
      if (stopping.signal.aborted) process.exit(1);
      else stopping.abort(new Error(`the process got ${name}`));
    };
    process.on(name, listener);
    return { name, listener };
  });
  return {
    signal: stopping.signal,
    [Symbol.dispose]() {
      for (const { name, listener } of listeners) process.off(name, listener);
    },
  };
}
