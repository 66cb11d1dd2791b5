/** Where the library says what it does: pino's shape, so a pino logger fits as it is. */
export interface Logger {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void;
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

const silent = (): void => undefined;

/** Says nothing: the default everywhere. */
export const noopLogger: Logger = /* @__PURE__ */ Object.freeze({
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
});

/** A logger that adds `fields` to everything it says. */
export function withFields(logger: Logger, fields: Readonly<Record<string, unknown>>): Logger {
  if (logger === noopLogger) return logger;
  return {
    debug: (more, message) => logger.debug({ ...fields, ...more }, message),
    info: (more, message) => logger.info({ ...fields, ...more }, message),
    warn: (more, message) => logger.warn({ ...fields, ...more }, message),
    error: (more, message) => logger.error({ ...fields, ...more }, message),
  };
}
