/** Tokens that are bound to the certificate of a client (RFC 8705, section 3). */
import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';

const thumbprints = new WeakMap<Duplex, string>();

/**
 * The SHA-256 thumbprint of the certificate that a connection was made with, as `x5t#S256` has it; `undefined`: it has
 * none, or none of an authority that is trusted.
 */
export function thumbprintOf(socket: Duplex): string | undefined {
  const known = thumbprints.get(socket);
  if (known !== undefined) return known;
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const der = socket.getPeerX509Certificate()?.raw;
  if (der === undefined) return undefined;
  const thumbprint = createHash('sha256').update(der).digest('base64url');
  thumbprints.set(socket, thumbprint);
  return thumbprint;
}
