/** Structured logs, one JSON object a line. Nothing in them says anything about a user. */
import type { LoggerService } from '@nestjs/common';
import { type Logger, pino } from 'pino';

/**
 * Most characters that wait to be written as one piece. Every line that joins a piece copies all of it, and at the 16 KB
 * that are the default, that was a fifth of the memory that a change of a choice took.
 */
const PIECE = 4_096;

/** The service's log, on standard output. */
export function createLog(level: string): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'message' };
  return pino(options, pino.destination({ dest: process.stdout.fd, maxWrite: PIECE }));
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
