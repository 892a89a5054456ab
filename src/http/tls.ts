/** TLS of the server itself, with certificates that are replaced while it runs. */
import { X509Certificate, constants } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ServerOptions } from 'node:https';
import { type Server, TLSSocket, createSecureContext } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { diskFaultOf, isMissing, readWithin } from '../disk.js';
import { DomainError } from '../errors.js';

/** Absolute paths of PEM files. */
export type TlsFiles = {
  /** The certificate of the server, and those between it and the root. */
  readonly certificate: string;
  readonly key: string;
  /** Authorities of clients; absent: clients are not asked for certificates. */
  readonly clientAuthorities?: string;
};

/** How often the files are looked at. By their content: Kubernetes replaces a link to their folder. */
const LOOK_EVERY_MS = 5_000;
/** Maximum bytes of a file: ten times what all authorities of a browser take. */
const MOST_BYTES = 2_097_152;
/** A client that does not finish its handshake holds a connection, also at a shutdown, for no longer. */
const HANDSHAKE_MS = 5_000;

/** What is replaced together: a certificate that came before its key cannot be used. */
type Own = { readonly cert: Buffer; readonly key: Buffer };

/** From when until when a certificate holds, in milliseconds since the Unix epoch. */
export type Validity = { readonly from: number; readonly until: number };

export class ServerTls {
  /** Why what is in files cannot be used, by what it would replace. */
  private readonly troubles = new Map<'certificate' | 'authorities', string>();

  private constructor(
    private readonly files: TlsFiles,
    private readonly log: Logger,
    private own: Own,
    private authorities: Buffer | undefined,
  ) {
    this.tell('serving TLS');
  }

  /** @throws Error with a message for people, when the files cannot be used */
  static async of(files: TlsFiles, log: Logger): Promise<ServerTls> {
    const [own, authorities] = [await readOwn(files), await readAuthorities(files)];
    checkOwn(own);
    if (authorities !== undefined) checkAuthorities(authorities);
    return new ServerTls(files, log, own, authorities);
  }

  /** Of the certificate in use. */
  get validity(): Validity {
    return validityOf(new X509Certificate(this.own.cert));
  }

  /** When the first of the authorities in use ends, in milliseconds since the Unix epoch. */
  get authoritiesUntil(): number | undefined {
    return (
      this.authorities &&
      Math.min(...certificatesIn(this.authorities).map((authority) => validityOf(authority).until))
    );
  }

  /** Of the certificate with its key, and the authorities: how many have files that cannot be used. */
  get refused(): number {
    return this.troubles.size;
  }

  /** Whether clients must show a certificate of an authority that is trusted. */
  get isMutual(): boolean {
    return this.files.clientAuthorities !== undefined;
  }

  get options(): ServerOptions {
    return {
      ...this.secrets,
      handshakeTimeout: HANDSHAKE_MS,
      requestCert: this.isMutual,
      // those without one are refused by `requireCertificates`, except where probes ask
      rejectUnauthorized: false,
    };
  }

  private get secrets(): ServerOptions {
    return {
      ...this.own,
      ...(this.authorities && { ca: this.authorities }),
      minVersion: 'TLSv1.2',
      // a session that is resumed would count by what was trusted when it began
      ...(this.isMutual ? { secureOptions: constants.SSL_OP_NO_TICKET } : {}),
    };
  }

  /** Uses what is in the files, as soon as it can be used. Until then the server goes on with what it has. */
  follow(server: Server): void {
    let timer: NodeJS.Timeout | undefined;
    let isClosed = false;
    const look = async () => {
      const own = await this.lookAt('certificate', () => this.takeOwn());
      // an authority that is not trusted any more must not wait for a certificate
      const authorities = await this.lookAt('authorities', () => this.takeAuthorities());
      if (!own && !authorities) return;
      server.setSecureContext(this.secrets);
      this.tell('new TLS files are in use');
    };
    // one look after the other: a disk that hangs must not be asked again and again
    const later = () => {
      if (!isClosed) timer = setTimeout(() => void look().then(later), LOOK_EVERY_MS).unref();
    };
    later();
    server.once('close', () => {
      isClosed = true;
      clearTimeout(timer);
    });
  }

  /** @returns whether something was taken */
  private async lookAt(what: 'certificate' | 'authorities', take: () => Promise<boolean>): Promise<boolean> {
    try {
      const isTaken = await take();
      this.troubles.delete(what);
      return isTaken;
    } catch (error) {
      const because = error instanceof Error ? error.message : String(error);
      if (because !== this.troubles.get(what))
        this.log.error({ because }, 'the new TLS files cannot be used: the former ones stay in use');
      this.troubles.set(what, because);
      return false;
    }
  }

  private async takeOwn(): Promise<boolean> {
    const own = await readOwn(this.files);
    if (own.cert.equals(this.own.cert) && own.key.equals(this.own.key)) return false;
    checkOwn(own);
    if (holds(this.validity) && !holds(validityOf(new X509Certificate(own.cert))))
      throw new Error(
        'the certificate in the file of TLS_CERT_FILE has ended or does not hold yet, and that in use holds: replace it, or see that the clock of this machine is right',
      );
    this.own = own;
    return true;
  }

  private async takeAuthorities(): Promise<boolean> {
    const authorities = await readAuthorities(this.files);
    if (authorities === undefined || this.authorities?.equals(authorities) === true) return false;
    checkAuthorities(authorities);
    this.authorities = authorities;
    return true;
  }

  private tell(message: string): void {
    const until = new Date(this.validity.until);
    const fields = { until: until.toISOString(), client_certificates: this.isMutual };
    if (holds(this.validity)) this.log.info(fields, message);
    else
      this.log.error(
        fields,
        `${message}, but the certificate has ended or does not hold yet: no client takes it; renew it`,
      );
  }
}

async function readOwn({ certificate, key }: TlsFiles): Promise<Own> {
  return { cert: await read(certificate, 'TLS_CERT_FILE'), key: await read(key, 'TLS_KEY_FILE') };
}

async function readAuthorities({ clientAuthorities }: TlsFiles): Promise<Buffer | undefined> {
  return clientAuthorities === undefined ? undefined : await read(clientAuthorities, 'TLS_CLIENT_CA_FILE');
}

/** @throws Error with a message for people that repeats nothing of the files */
function checkOwn(own: Own): void {
  check('TLS_CERT_FILE', 'no certificate in PEM', () => new X509Certificate(own.cert));
  check('TLS_KEY_FILE', 'no key in PEM without a password', () => createSecureContext({ key: own.key }));
  check('TLS_KEY_FILE', 'not the key of the certificate in TLS_CERT_FILE', () => createSecureContext(own));
}

/**
 * A context takes what is no certificate without a word, and trusts what is before it alone.
 *
 * @throws Error with a message for people
 */
function checkAuthorities(authorities: Buffer): void {
  check('TLS_CLIENT_CA_FILE', 'no certificate in PEM, or one that cannot be read', () => {
    if (certificatesIn(authorities).length === 0) throw new Error('none');
    createSecureContext({ ca: authorities });
  });
}

function certificatesIn(pem: Buffer): X509Certificate[] {
  const parts = pem.toString('latin1').split(/^(?=-----BEGIN [^-]*CERTIFICATE-----)/m);
  return parts.filter((part) => part.startsWith('-----BEGIN')).map((part) => new X509Certificate(part));
}

function validityOf({ validFrom, validTo }: X509Certificate): Validity {
  return { from: Date.parse(validFrom), until: Date.parse(validTo) };
}

function holds({ from, until }: Validity): boolean {
  const now = Date.now();
  return from <= now && now < until;
}

function check(name: string, what: string, use: () => unknown): void {
  try {
    use();
  } catch {
    throw new Error(`the file of ${name} has ${what}: replace it`);
  }
}

async function read(path: string, name: string): Promise<Buffer> {
  let bytes: Buffer | undefined;
  try {
    bytes = await readWithin(path, MOST_BYTES);
  } catch (cause) {
    const why = isMissing(cause) ? 'there is none' : (diskFaultOf(cause) ?? 'make it one that can be read');
    throw new Error(`${name} names \`${path}\`, which cannot be read: ${why}`, { cause });
  }
  if (bytes === undefined)
    throw new Error(`${name} names \`${path}\`, which is no file of at most ${MOST_BYTES} bytes: name one`);
  return bytes;
}

/** Connections that have such a certificate, see {@link isVouchedFor}. */
const vouched = new WeakSet<TLSSocket>();

/**
 * Whether the connection of a request has a certificate of an authority that is trusted. One that resumed a session does
 * not: what it says of the certificate was found when the session began.
 */
export function isVouchedFor({ socket }: IncomingMessage): boolean {
  if (!(socket instanceof TLSSocket)) return false;
  if (vouched.has(socket)) return true;
  const isVouched =
    socket.authorized && !socket.isSessionReused() && socket.getPeerX509Certificate() !== undefined;
  if (isVouched) vouched.add(socket);
  return isVouched;
}

/** Refuses every request without a certificate that is trusted, except for probes, which have none. */
export function requireCertificates(server: FastifyInstance): void {
  server.addHook('onRequest', ({ raw, routeOptions }, _reply, done) => {
    if (isVouchedFor(raw) || routeOptions.url?.startsWith('/health/') === true) return done();
    done(
      new DomainError(
        'not_authenticated',
        'the connection has no certificate that is trusted here: show one of an authority in TLS_CLIENT_CA_FILE',
      ),
    );
  });
}

/** For a year, browsers come by https alone (RFC 6797). */
export const STRICT_TRANSPORT = 'max-age=31536000';
