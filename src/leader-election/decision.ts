/** Something that is decided once, and that others wait for. */
export class Decision {
  readonly made: Promise<void>;
  readonly #make: () => void;

  constructor() {
    let make = (): void => undefined;
    this.made = new Promise((resolve) => {
      make = resolve;
    });
    this.#make = make;
  }

  /** Decides it; does nothing where it is decided. */
  make(): void {
    this.#make();
  }
}
