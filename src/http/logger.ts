/** Structured logs, one JSON object per line, with nothing about users. */
import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger, pino } from 'pino';
import { TRACE_OF_LINE } from '../traces.js';

/**
 * Log lines are batched up to this time or length: each write uses a thread, which cost a quarter of the processor time
 * of a process that is asked seldom.
 */
const GATHERED_MS = 10;
const PIECE = 65_536;
/** On an output that several processes share: a pipe keeps no more than this together (PIPE_BUF, pipe(7)). */
const SHARED_PIECE = 4_096;

/** Maximum bytes in the buffer: an unread log must neither block the service nor fill memory. */
const MOST_WAITING = 8_388_608;

/** How long an ending process waits for its log to be written. */
const PATIENCE_MS = 1_000;

/**
 * The service's log, on standard output. It is written asynchronously, because a pipe that nobody reads would block
 * every decision; `exit` writes it before the process ends. Lines without room are dropped, and the log says how many.
 *
 * @param worker named in every line, if several processes share one output
 */
export function createLog(level: string, worker?: number): Logger {
  const base = worker === undefined ? null : { worker };
  const options = {
    level,
    base,
    timestamp: pino.stdTimeFunctions.isoTime,
    messageKey: 'message',
    ...(TRACE_OF_LINE === undefined ? {} : { mixin: TRACE_OF_LINE }),
  };
  const piece = worker === undefined ? PIECE : SHARED_PIECE;
  const output = pino.destination({
    dest: process.stdout.fd,
    sync: false,
    // otherwise a flush does not wait for the write
    minLength: 1,
    maxWrite: piece,
    maxLength: MOST_WAITING,
  });
  // pino calls it at every exit, and it blocks until the output is read
  output.flushSync = () => {};
  const log = pino(options, gathering(output, piece));
  let lost = 0;
  output.on('drop', (lines: string) => (lost += lines.split('\n').length - 1));
  output.on('drain', () => {
    if (lost === 0) return;
    const lines = lost;
    lost = 0;
    log.warn({ lines }, 'lines of the log were lost: nobody read it fast enough');
  });
  return log;
}

type Output = Pick<ReturnType<typeof pino.destination>, 'write' | 'flush'>;

/** Passes output on in larger pieces. */
function gathering(output: Output, piece: number): DestinationStream & Pick<Output, 'flush'> {
  let gathered = '';
  let soon: NodeJS.Timeout | undefined;
  const handOver = (): void => {
    clearTimeout(soon);
    soon = undefined;
    const lines = gathered;
    gathered = '';
    if (lines !== '') output.write(lines);
  };
  return {
    write: (line: string): void => {
      gathered += line;
      if (gathered.length >= piece) handOver();
      else soon ??= setTimeout(handOver, GATHERED_MS);
    },
    flush: (done): void => {
      handOver();
      output.flush(done);
    },
  };
}

/** Ends the process once its log is written, or after a moment if nobody reads it. */
export function exit(log: Logger | undefined, code: number): void {
  if (log === undefined) process.exit(code);
  setTimeout(() => process.exit(code), PATIENCE_MS);
  log.flush(() => process.exit(code));
}

/** Nest's messages go to the same log; those about modules and routes at level `debug`. */
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
