/** The way back: for each change since the outermost mark, what takes it back. */
export class UndoLog {
  // what takes changes back, the last change last; empty where there is no mark
  readonly #steps: (() => void)[] = [];
  // how many steps there were at each mark that is open
  readonly #marks: number[] = [];
  // true while steps are run, which are changes themselves
  #goingBack = false;

  /** How many marks are open. */
  get depth(): number {
    return this.#marks.length;
  }

  /** Whether changes have to be recorded. */
  get isRecording(): boolean {
    return this.#marks.length > 0 && !this.#goingBack;
  }

  record(step: () => void): void {
    if (this.isRecording) this.#steps.push(step);
  }

  mark(): void {
    this.#marks.push(this.#steps.length);
  }

  /** Keeps what has changed since the last mark: it belongs to the mark before, if there is one. */
  keep(): void {
    this.#marks.pop();
    if (this.#marks.length === 0) this.#steps.length = 0;
  }

  /** Takes back what has changed since the last mark. */
  goBack(): void {
    const mark = this.#marks.pop() as number;
    this.#goingBack = true;
    try {
      while (this.#steps.length > mark) (this.#steps.pop() as () => void)();
    } finally {
      this.#goingBack = false;
    }
  }
}
