import type { Clock, Logger } from 'keelson';

/** Tells what happens: `print` gets one line for each thing that somebody did. */
export interface Narrator {
  /** Says that `who` did `what`, with the time since the start. */
  readonly tell: (who: string, what: string) => void;
  /** A logger whose messages of controllers are told; what went wrong is told too, everything else is not. */
  readonly logger: Logger;
}

export function narrator(clock: Clock, print: (line: string) => void): Narrator {
  const start = clock.monotonic();
  const tell = (who: string, what: string): void => {
    const time = `${Math.round(clock.monotonic() - start)} ms`;
    print(`${time.padStart(8)}  ${who.padEnd(12)}${what}`);
  };
  const nameOf = ({ controller }: Readonly<Record<string, unknown>>): string =>
    typeof controller === 'string' ? controller : 'keelson';
  const complain = (fields: Readonly<Record<string, unknown>>, message: string): void => {
    const reason = fields['error'] instanceof Error ? `: ${fields['error'].message}` : '';
    tell(nameOf(fields), `${message}${reason}`);
  };
  return {
    tell,
    logger: {
      debug: () => undefined,
      info: (fields, message) => {
        if (fields['controller'] !== undefined) tell(nameOf(fields), message);
      },
      warn: complain,
      error: complain,
    },
  };
}
