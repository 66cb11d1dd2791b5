/**
 * Work that may have to wait on the way: a generator that yields what it waits for.
 *
 * {@link run} runs it in one go as long as nothing makes it wait, so that the same code is synchronous where all it calls is.
 */
export type Steps<T> = Generator<PromiseLike<unknown>, T, unknown>;

/** Waits for a value if it is a promise. */
export function* wait<T>(value: T | PromiseLike<T>): Steps<T> {
  return isPromise(value) ? ((yield value) as T) : value;
}

/** Runs the work to its end; answers with a promise only if it had to wait. @throws What the work throws before it first waits. */
export function run<T>(steps: Steps<T>): T | Promise<T> {
  const first = steps.next();
  return first.done === true ? first.value : goOn(steps, first.value);
}

async function goOn<T>(steps: Steps<T>, first: PromiseLike<unknown>): Promise<T> {
  let awaited = first;
  for (;;) {
    let value: unknown;
    let step: IteratorResult<PromiseLike<unknown>, T>;
    try {
      value = await awaited;
    } catch (error) {
      step = steps.throw(error);
      if (step.done === true) return step.value;
      awaited = step.value;
      continue;
    }
    step = steps.next(value);
    if (step.done === true) return step.value;
    awaited = step.value;
  }
}

/** Whether a value is one to wait for. */
export function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
