import type * as fc from 'fast-check';

/** Loads the package that makes random histories. @throws TypeError where it is not installed. */
export async function loadFastCheck(): Promise<typeof fc> {
  try {
    return await import('fast-check');
  } catch (error) {
    throw new TypeError('keelson/testing: random histories need the package fast-check', { cause: error });
  }
}
