/** TLS of the server itself, with certificates that are replaced while it runs. */
import { X509Certificate, constants } from 'node:crypto';
import { constants as flags } from 'node:fs';
import { open } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import type { ServerOptions } from 'node:https';
import { type Server, TLSSocket, createSecureContext } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { diskFaultOf, isMissing } from '../disk.js';
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

type Content = { readonly cert: Buffer; readonly key: Buffer; readonly ca?: Buffer };

/** From when until when a certificate holds, in milliseconds since the Unix epoch. */
export type Validity = { readonly from: number; readonly until: number };

export class ServerTls {
  private constructor(
    private readonly files: TlsFiles,
    private readonly log: Logger,
    private content: Content,
  ) {
    this.tell('serving TLS');
  }

  /** @throws Error with a message for people, when the files cannot be used */
  static async of(files: TlsFiles, log: Logger): Promise<ServerTls> {
    return new ServerTls(files, log, await contentOf(files));
  }

  /** Of the certificate in use. */
  get validity(): Validity {
    const { validFrom, validTo } = new X509Certificate(this.content.cert);
    return { from: Date.parse(validFrom), until: Date.parse(validTo) };
  }

  /** Whether clients must show a certificate of an authority that is trusted. */
  get isMutual(): boolean {
    return this.files.clientAuthorities !== undefined;
  }

  get options(): ServerOptions {
    return {
      ...this.secretsOf(this.content),
      handshakeTimeout: HANDSHAKE_MS,
      requestCert: this.isMutual,
      // those without one are refused by `requireCertificates`, except where probes ask
      rejectUnauthorized: false,
    };
  }

  private secretsOf(content: Content): ServerOptions {
    return {
      ...content,
      minVersion: 'TLSv1.2',
      // a session that is resumed would count by what was trusted when it began
      ...(this.isMutual ? { secureOptions: constants.SSL_OP_NO_TICKET } : {}),
    };
  }

  /** Uses what is in the files, as soon as all of it can be used. Until then the server goes on with what it has. */
  follow(server: Server): void {
    let refused = '';
    let timer: NodeJS.Timeout | undefined;
    let isClosed = false;
    const look = async () => {
      try {
        const content = await contentOf(this.files);
        if (!isSame(content, this.content)) {
          server.setSecureContext(this.secretsOf(content));
          this.content = content;
          this.tell('new TLS files are in use');
        }
        refused = '';
      } catch (error) {
        const because = error instanceof Error ? error.message : String(error);
        if (because !== refused)
          this.log.error({ because }, 'the new TLS files cannot be used: the former ones stay in use');
        refused = because;
      }
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

  private tell(message: string): void {
    const until = new Date(this.validity.until);
    const fields = { until: until.toISOString(), client_certificates: this.isMutual };
    if (until.getTime() > Date.now()) this.log.info(fields, message);
    else this.log.error(fields, `${message}, but the certificate has ended: no client takes it; renew it`);
  }
}

/** @throws Error with a message for people that repeats nothing of the files */
async function contentOf({ certificate, key, clientAuthorities }: TlsFiles): Promise<Content> {
  const content = {
    cert: await read(certificate, 'TLS_CERT_FILE'),
    key: await read(key, 'TLS_KEY_FILE'),
    ...(clientAuthorities === undefined ? {} : { ca: await read(clientAuthorities, 'TLS_CLIENT_CA_FILE') }),
  };
  check('TLS_CERT_FILE', 'no certificate in PEM', () => new X509Certificate(content.cert));
  check('TLS_KEY_FILE', 'no key in PEM without a password', () => createSecureContext({ key: content.key }));
  check('TLS_KEY_FILE', 'not the key of the certificate in TLS_CERT_FILE', () =>
    createSecureContext(content),
  );
  // a context takes what is no certificate without a word, and then trusts nobody
  if (content.ca !== undefined) {
    const { ca } = content;
    check('TLS_CLIENT_CA_FILE', 'no certificate in PEM', () => new X509Certificate(ca));
  }
  return content;
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
    // a pipe that nobody writes to would hold up whoever opens it otherwise
    const file = await open(path, flags.O_RDONLY | flags.O_NONBLOCK);
    try {
      const found = await file.stat();
      if (found.isFile() && found.size <= MOST_BYTES) bytes = await file.readFile();
    } finally {
      await file.close();
    }
  } catch (cause) {
    const why = isMissing(cause) ? 'there is none' : (diskFaultOf(cause) ?? 'make it one that can be read');
    throw new Error(`${name} names \`${path}\`, which cannot be read: ${why}`, { cause });
  }
  if (bytes === undefined)
    throw new Error(`${name} names \`${path}\`, which is no file of at most ${MOST_BYTES} bytes: name one`);
  return bytes;
}

function isSame(one: Content, other: Content): boolean {
  const same = (a: Buffer | undefined, b: Buffer | undefined) =>
    a === b || (a !== undefined && b !== undefined && a.equals(b));
  return same(one.cert, other.cert) && same(one.key, other.key) && same(one.ca, other.ca);
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
