/** Listens, or fails with a message for people. */
import { Server as TlsServer } from 'node:tls';
import { codeOf } from '../disk.js';
import type { FastifyInstance } from 'fastify';

/** @returns where it listens, as a URL */
export async function listen(server: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    const url = await server.listen({ host, port });
    // the framework knows only servers of its own making
    return server.server instanceof TlsServer ? url.replace(/^http:/, 'https:') : url;
  } catch (cause) {
    const why = FAULTS.get(codeOf(cause) ?? '');
    if (why === undefined) throw cause;
    throw new Error(`cannot listen on port ${port} of \`${host}\`: ${why}`, { cause });
  }
}

const UNKNOWN_HOST = 'that is no address: set HOST to one of this machine';

/** By system error codes (errno(3)) and those of name look-up. */
const FAULTS: ReadonlyMap<string, string> = new Map([
  ['EADDRINUSE', 'another process does already; stop it, or set PORT to another one'],
  ['EACCES', 'this user may not, as on most ports below 1024; set PORT to another one'],
  ['EADDRNOTAVAIL', 'this machine has no such address; set HOST to one that it has'],
  ['EAFNOSUPPORT', 'this machine has no addresses of that kind; set HOST to one that it has'],
  ['ENOTFOUND', UNKNOWN_HOST],
  ['EAI_AGAIN', UNKNOWN_HOST],
]);
