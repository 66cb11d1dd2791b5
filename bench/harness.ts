import { Bench } from 'tinybench';

/** One figure: what is done, how often a sample does it, and what it is measured against. */
export interface Row {
  readonly name: string;
  /** Operations in one call of `run`. */
  readonly operations: number;
  /** Operations a second that are asked for, on a 2-core machine. */
  readonly goal?: number;
  /** The row that does the same with nothing but the language, measured in the same run. */
  readonly floor?: string;
  /** Before the first sample and after the last. */
  readonly beforeAll?: () => void | Promise<void>;
  readonly afterAll?: () => void | Promise<void>;
  /** Before each sample, outside the clock. */
  readonly before?: () => void | Promise<void>;
  readonly run: () => void | Promise<void>;
  /** After each sample, outside the clock. */
  readonly after?: () => void | Promise<void>;
}

/** What a row came to. */
export interface Result {
  readonly name: string;
  readonly operations: number;
  readonly samples: number;
  /** Of the median sample. */
  readonly perSecond: number;
  /** Of the fastest sample: on a noisy machine the best guess at what it costs. */
  readonly bestPerSecond: number;
  readonly goal?: number;
  /** The fastest sample against the floor's fastest. */
  readonly ofFloor?: number;
}

/** Measures rows one after another and prints a JSON line for each. */
export async function measure(rows: readonly Row[]): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const row of rows) {
    globalThis.gc?.();
    const bench = new Bench({ time: 1_000, iterations: 7, warmupTime: 200, warmupIterations: 2 });
    bench.add(row.name, row.run, {
      ...(row.beforeAll === undefined ? {} : { beforeAll: row.beforeAll }),
      ...(row.afterAll === undefined ? {} : { afterAll: row.afterAll }),
      ...(row.before === undefined ? {} : { beforeEach: row.before }),
      ...(row.after === undefined ? {} : { afterEach: row.after }),
    });
    const [task] = await bench.run();
    const measured = task?.result;
    if (measured === undefined || !('latency' in measured)) {
      throw new Error(`${row.name}: no result`, { cause: measured });
    }
    const { latency } = measured;
    const bestPerSecond = (row.operations / latency.min) * 1_000;
    const floor = results.find((result) => result.name === row.floor);
    const result: Result = {
      name: row.name,
      operations: row.operations,
      samples: latency.samplesCount,
      perSecond: Math.round((row.operations / latency.p50) * 1_000),
      bestPerSecond: Math.round(bestPerSecond),
      ...(row.goal === undefined ? {} : { goal: row.goal }),
      ...(floor === undefined ? {} : { ofFloor: Number((bestPerSecond / floor.bestPerSecond).toFixed(2)) }),
    };
    results.push(result);
    console.log(JSON.stringify(result));
  }
  return results;
}

/** The results as a table. */
export function table(results: readonly Result[]): string {
  const head = ['what', 'per second', 'best', 'goal', 'of floor'];
  const lines = results.map((result) => [
    result.name,
    result.perSecond.toLocaleString('en'),
    result.bestPerSecond.toLocaleString('en'),
    result.goal?.toLocaleString('en') ?? '',
    result.ofFloor === undefined ? '' : `${Math.round(result.ofFloor * 100)} %`,
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)),
  );
  return [head, ...lines]
    .map((line) =>
      line
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    )
    .join('\n');
}
