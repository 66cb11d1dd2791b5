import { describe, expect, it } from 'vitest';
import { type Logger, noopLogger, withFields } from '../../src/core/index.js';

function recorder(): { logger: Logger; lines: unknown[] } {
  const lines: unknown[] = [];
  const at =
    (level: string) =>
    (fields: Readonly<Record<string, unknown>>, message: string): void => {
      lines.push([level, fields, message]);
    };
  return { lines, logger: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } };
}

describe('withFields', () => {
  it.each(['debug', 'info', 'warn', 'error'] as const)('adds its fields at level %s', (level) => {
    const { logger, lines } = recorder();
    withFields(withFields(logger, { a: 1, b: 1 }), { b: 2, c: 2 })[level]({ c: 3 }, 'hello');
    expect(lines).toEqual([[level, { a: 1, b: 2, c: 3 }, 'hello']]);
  });

  it('changes neither the fields it is given nor the logger', () => {
    const { logger, lines } = recorder();
    const fields = Object.freeze({ a: 1 });
    const more = Object.freeze({ b: 2 });
    withFields(logger, fields).info(more, 'x');
    logger.info({}, 'plain');
    expect(lines.at(-1)).toEqual(['info', {}, 'plain']);
  });

  it('costs nothing on the logger that says nothing', () => {
    expect(withFields(noopLogger, { a: 1 })).toBe(noopLogger);
  });
});

describe('noopLogger', () => {
  it('says nothing', () => {
    const levels = ['debug', 'info', 'warn', 'error'] as const;
    expect(levels.map((level) => noopLogger[level]({}, 'x') as unknown)).toEqual(levels.map(() => undefined));
    expect(Object.isFrozen(noopLogger)).toBe(true);
  });
});
