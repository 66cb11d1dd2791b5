import { type Logger, noopLogger } from '../../core/index.js';

/** A logger that never throws: its failures go to `report`, and who logs goes on. */
export function guardedLogger(logger: Logger, report: (error: unknown) => void): Logger {
  if (logger === noopLogger) return logger;
  const guarded =
    (level: keyof Logger): Logger[keyof Logger] =>
    (fields, message) => {
      try {
        logger[level](fields, message);
      } catch (error) {
        report(error);
      }
    };
  return {
    debug: guarded('debug'),
    info: guarded('info'),
    warn: guarded('warn'),
    error: guarded('error'),
  };
}
