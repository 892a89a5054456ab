/** Structured logs, one JSON object a line. Nothing in them says anything about a user. */
import type { LoggerService } from '@nestjs/common';
import { type Logger, pino } from 'pino';

/** The service's log, on standard output. */
export function createLog(level: string): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'message' });
}

/** What Nest says goes to the same log; its chatter about modules and routes at level `debug`. */
export function nestLogger(log: Logger): LoggerService {
  return {
    log: (message: unknown) => log.debug(String(message)),
    debug: (message: unknown) => log.debug(String(message)),
    verbose: (message: unknown) => log.trace(String(message)),
    warn: (message: unknown) => log.warn(String(message)),
    error: (message: unknown) => log.error(String(message)),
    fatal: (message: unknown) => log.fatal(String(message)),
  };
}
