/** How many lines a message quotes. */
const MOST_LINES = 120;
/** The longest line. */
const LONGEST_LINE = 200;

/** What happened in a run, line by line, for the messages of failures. */
export class Journal {
  readonly #lines: string[] = [];

  write(line: string): void {
    this.#lines.push(line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}...` : line);
  }

  /** The last lines. */
  toString(): string {
    const left = this.#lines.length - MOST_LINES;
    const lines = left > 0 ? [`(${left} lines before)`, ...this.#lines.slice(left)] : this.#lines;
    return lines.map((line) => `  ${line}`).join('\n');
  }
}
