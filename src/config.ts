/** The one list of settings: environment variables, validated at start. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Issuer } from './access/tokens/issuer.js';
import {
  ISSUER_SETTINGS,
  type IssuerSetting,
  issuerFrom,
  issuersFrom,
} from './access/tokens/issuer-settings.js';
import { nearest } from './decision/nearest.js';
import { JsonFault, parseJson } from './json.js';
import { RECORD_MODES, type RecordMode } from './record/keeping/record-mode.js';
import type { AdmissionSettings } from './http/admission/admission.js';
import type { TlsFiles } from './http/tls.js';
import { warnOfKeyReaders, withSecrets } from './secrets.js';
import type { AwsCredentialSource } from './kms/aws-credentials.js';
import type { AwsKmsSettings } from './kms/aws-kms.js';
import { isLoopback, isSecureUrl } from './secure-url.js';
import { entriesOf, textOf } from './text.js';
import { HOUR_MS, MINUTE_MS } from './time.js';

export type Config = {
  /** What is allowed, but not wise: a sentence each, for the log. */
  readonly warnings: readonly string[];
  readonly host: string;
  readonly port: number;
  /**
   * Absolute path of the folder of the embedded database, the snapshots of the consent state and the development key.
   */
  readonly dataDir: string;
  /** Absolute path of the folder of this process's snapshot: in `dataDir`, of its own for each worker. */
  readonly snapshotDir: string;
  /** How many processes serve on the port. */
  readonly workers: number;
  /** Which worker this is, from 1. */
  readonly worker: number;
  /** Absolute path of the policy documents. */
  readonly policyDir: string;
  /** A PostgreSQL server's connection string; absent: the embedded database. */
  readonly databaseUrl?: string;
  /** The setting that says so, for messages. */
  readonly databaseUrlFrom?: string;
  /** Absolute path of the file of the key that the store is sealed with. */
  readonly keyFile: string;
  /** The KMS that wraps that key; absent: the file has the key itself. */
  readonly kms?: AwsKmsSettings;
  /** The issuers of tokens; absent: development mode, loopback only. */
  readonly oidc?: readonly [Issuer, ...Issuer[]];
  /** How long a session of a person lasts without a request, and at most, in milliseconds. */
  readonly session: { readonly idle: number; readonly longest: number };
  /** Origins of other pages that may call the API with tokens. */
  readonly allowedOrigins: readonly string[];
  /** Base URL by which callers reach the service, without a trailing slash; discovery names it. */
  readonly publicUrl: string;
  /** Absolute paths of what the server speaks TLS with; absent: it speaks HTTP, and TLS ends before it. */
  readonly tls?: TlsFiles;
  readonly logLevel: LogLevel;
  /** Whether the OpenAPI document and its page are served to everybody. */
  readonly documentation: boolean;
  /** How long the process goes on answering after it said that it ends, in milliseconds. */
  readonly drain: number;
  /** Largest request body, in bytes. */
  readonly bodyLimit: number;
  /** What is admitted of what is asked for, see `src/http/admission/`. */
  readonly admission: AdmissionSettings & {
    /** The most connections at once. */
    readonly connections: number;
  };
  /** How long a decision waits for the revision its consistency token names before it is denied, in milliseconds. */
  readonly consistencyWait: number;
  /**
   * How long a process decides without a new proof that it is in its fleet, in milliseconds; the same for all of them.
   */
  readonly lease: number;
  /** How often the consent state is saved in `snapshotDir` at most, in minutes; 0: no snapshot is kept. */
  readonly snapshotMinutes: number;
  /** How long a change of the floor waits after its last approval, in minutes. */
  readonly floorWaitMinutes: number;
  /** How many days superseded events are kept, per kind; 0: for ever. */
  readonly retentionDays: { readonly profile: number; readonly choice: number; readonly signal: number };
  /** Id of the consent management platform that TC strings name; absent: none are written. */
  readonly tcfCmpId?: number;
  /** Who answers for the processing; consent receipts name them. */
  readonly controller: { readonly name: string; readonly contact?: string };
  /** After this many days the next consent receipt is signed with a new key. */
  readonly receiptKeyDays: number;
  /** For how many days the counts of each day are kept; 0: for ever. */
  readonly reportDays: number;
  /**
   * The record of decisions: the absolute paths of its folder and of that of its Parquet files, and after how many days it
   * is deleted; 0: never.
   */
  readonly record: {
    readonly mode: RecordMode;
    readonly folder: string;
    readonly parquet: string;
    readonly days: number;
  };
  /**
   * The list of erasures: the absolute path of its folder, and after how many days an entry is deleted; 0: never. Absent:
   * there is none.
   */
  readonly erasures: { readonly folder?: string; readonly days: number };
  /** How often the heads of the logs are signed, in seconds. */
  readonly checkpointSeconds: number;
  /** Absolute path of the folder that gets a copy of each signed head; absent: none. */
  readonly checkpointDir?: string;
  /** Where metrics are read; absent: nowhere. */
  readonly metrics?: { readonly host: string; readonly port: number };
};

/** Stands for bytes in the environment that are not UTF-8. */
const UNREADABLE = '\ufffd';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

/** Every variable the service reads, with what it means. `docs/configuration.md` is held equal to it by a test. */
export const VARIABLES = {
  HOST: 'address to listen on; default 127.0.0.1',
  PORT: 'port to listen on; default 3000, 0 for a free one',
  WORKERS: 'how many processes serve on the port, 1 to 64; more than one need a PostgreSQL server; default 1',
  DATA_DIR: 'folder of the embedded database, the snapshot and the development key; default .data',
  POLICY_DIR: 'folder of the policy documents; default policies',
  DATABASE_URL:
    'postgresql:// URL of a PostgreSQL server, or `embedded` for the database inside the process; default embedded in development mode, needed in production',
  DATABASE_URL_FILE: 'file that contains DATABASE_URL, in place of that variable',
  KEY_FILE:
    'file of the key that the store is sealed with, made with the database; default key in DATA_DIR; needed with a PostgreSQL server in production',
  KMS_KEY:
    'id, ARN or alias of the key of AWS KMS that wraps the key in KEY_FILE; without it the file has that key itself',
  KMS_ENDPOINT: 'https URL of what speaks as AWS KMS does; default that of AWS in AWS_REGION',
  AWS_REGION: 'region of the KMS; needed with KMS_KEY',
  AWS_ACCESS_KEY_ID: 'id of the credentials for it',
  AWS_ACCESS_KEY_ID_FILE: 'file that contains AWS_ACCESS_KEY_ID, in place of that variable',
  AWS_SECRET_ACCESS_KEY: 'their secret',
  AWS_SECRET_ACCESS_KEY_FILE: 'file that contains AWS_SECRET_ACCESS_KEY, in place of that variable',
  AWS_SESSION_TOKEN: 'their token, where they are temporary',
  AWS_SESSION_TOKEN_FILE: 'file that contains AWS_SESSION_TOKEN, in place of that variable',
  AWS_CONTAINER_CREDENTIALS_FULL_URI:
    'where the machine hands out credentials in their place, as EKS Pod Identity sets it',
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: 'the same, as ECS sets it for a task',
  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: 'file of what authorises the request for them, read anew each time',
  OIDC_ISSUER:
    'issuer of the access tokens (https), needed with OIDC_AUDIENCE; without both: development mode',
  OIDC_PROVIDER: 'generic (RFC 9068), keycloak, auth0, entra, okta or cognito; default generic',
  OIDC_AUDIENCE: 'audiences that access tokens must name one of, with commas between',
  OIDC_AUDIENCE_SERVICES: 'the same for services alone; default OIDC_AUDIENCE',
  OIDC_AUDIENCE_USERS: 'the same for users alone; default OIDC_AUDIENCE',
  OIDC_AUDIENCE_ADMINS: 'the same for admins alone; default OIDC_AUDIENCE',
  OIDC_ADMIN_ROLES:
    'which role of the issuer is which here, as ours=theirs with commas between; default the roles by their own names',
  OIDC_CLIENT_CLAIM: 'claim that names the client; default by OIDC_PROVIDER',
  OIDC_USER_CLAIM: 'claim that names the person; default by OIDC_PROVIDER',
  OIDC_ROLES_CLAIM: 'claim that lists the roles of a person; default by OIDC_PROVIDER',
  OIDC_SCOPE_CLAIM: 'claim that lists the scopes of a client; default by OIDC_PROVIDER',
  OIDC_PURPOSES_CLAIM: 'claim that lists the purposes of a client; default purposes',
  OIDC_LEEWAY_SECONDS: 'how far the clock of the issuer may run ahead when it says `nbf`; default 5',
  OIDC_SIGN_IN_CLIENT:
    'id of the client that this service is at the issuer, where people sign in to its pages; without it nobody does',
  OIDC_SIGN_IN_SECRET: 'its secret; without it the client is a public one',
  OIDC_SIGN_IN_SECRET_FILE: 'file that contains OIDC_SIGN_IN_SECRET, in place of that variable',
  OIDC_SIGN_IN_SCOPE: 'scope that signing in asks for; default by OIDC_PROVIDER',
  OIDC_SIGN_IN_PARAMETERS:
    'more parameters of the request to sign in, as a query has them; default by OIDC_PROVIDER',
  OIDC_FILE: 'JSON file of several issuers, in place of the other variables of OIDC_',
  PUBLIC_URL:
    'base URL that callers use (https), named by discovery; default http://HOST:PORT, needed where HOST is no loopback address',
  TLS_CERT_FILE:
    'file of the certificate, in PEM with those between it and the root, with which the service itself speaks TLS; needs TLS_KEY_FILE',
  TLS_KEY_FILE: 'file of its key, in PEM',
  TLS_CLIENT_CA_FILE:
    'file of the authorities, in PEM, of one of which every client must show a certificate; without it none is asked for',
  SESSION_IDLE_MINUTES: 'how long somebody stays signed in without a request; default 30',
  SESSION_HOURS: 'how long somebody stays signed in at most; default 12',
  ALLOWED_ORIGINS:
    'origins of other pages that may call the API with tokens, with commas between; default none',
  LOG_LEVEL: `one of ${LOG_LEVELS.join(', ')}; default info`,
  DOCUMENTATION:
    '`on` serves the OpenAPI document and its page to anybody, `off` does not; default on in development mode, off in production',
  DRAIN_SECONDS:
    'how long a process that is told to end still answers, while /health/ready says 503; default 5, 0 in development mode',
  BODY_LIMIT: 'largest request body in bytes; default 1048576',
  OVERLOAD_WAIT_MS:
    'how long a request waits for its turn while there is more to do than can be done, before it is refused; default 5, in development mode 0; 0: nothing is refused for having waited',
  CLIENT_RATE_LIMIT: 'what a service may ask for in a second, in decisions; default 0, without a limit',
  CONNECTION_LIMIT: 'the most connections at once; default 10000',
  CONSISTENCY_WAIT_MS:
    'how long a decision waits for the revision of its consistency token, and for the database where that must confirm it; default 1000',
  LEASE_MS:
    'how long a process of a fleet decides without a new proof that it is in it, the same for all of them; default 2000',
  SNAPSHOT_MINUTES:
    'how often the consent state is saved in DATA_DIR for a quick start; default 15, 0 for never',
  FLOOR_WAIT_MINUTES:
    'how long a change of the floor waits after the approval of two privacy officers; default 4320 (three days)',
  RETENTION_PROFILE_DAYS: 'how long a profile that was superseded is kept; default 730, 0 for ever',
  RETENTION_CHOICE_DAYS: 'how long a choice that was superseded is kept; default 2190, 0 for ever',
  RETENTION_SIGNAL_DAYS: 'how long a signal that was superseded is kept; default 2190, 0 for ever',
  TCF_CMP_ID: 'id that IAB Europe gave the consent management platform; without it no TC strings are written',
  CONTROLLER_NAME: 'who answers for the processing, named by receipts; default the operator of PUBLIC_URL',
  CONTROLLER_CONTACT: 'how to reach them, an https: or mailto: URL; default PUBLIC_URL',
  RECEIPT_KEY_DAYS: 'how old the key that signs receipts may be; default 90',
  REPORT_DAYS: 'for how many days the counts of users of each day are kept; default 1095; 0: for ever',
  RECORD:
    '`on` answers when the decision is recorded, `fast` up to 20 milliseconds before where the answer is not bound to its record, `off` records nothing (development mode only); default on',
  RECORD_DIR: 'folder of the record of decisions; default record in DATA_DIR',
  RECORD_PARQUET_DIR: 'folder of what is closed of the record as Parquet; default parquet in RECORD_DIR',
  RECORD_DAYS: 'how long decisions are kept on record; default 90, 0 for ever',
  ERASURES_DIR:
    'folder of the list of erasures, kept apart from the database and its backups; default erasures in DATA_DIR with the embedded database, none with a server',
  ERASURES_DAYS: 'how long an erasure stays on that list; default 400, 0 for ever',
  CHECKPOINT_SECONDS: 'how often the heads of the record and of the consent log are signed; default 60',
  CHECKPOINT_DIR: 'folder that gets a copy of each signed head, best in a place of its own; without it none',
  METRICS_PORT:
    'port on which `GET /metrics` is answered, and nothing else; 0 for a free one; without it none',
  METRICS_HOST: 'address for that port; default 127.0.0.1',
} as const;

/** Which variable sets what of the issuer. */
const ISSUER_VARIABLES = {
  issuer: 'OIDC_ISSUER',
  provider: 'OIDC_PROVIDER',
  audience: 'OIDC_AUDIENCE',
  audience_services: 'OIDC_AUDIENCE_SERVICES',
  audience_users: 'OIDC_AUDIENCE_USERS',
  audience_admins: 'OIDC_AUDIENCE_ADMINS',
  admin_roles: 'OIDC_ADMIN_ROLES',
  client_claim: 'OIDC_CLIENT_CLAIM',
  user_claim: 'OIDC_USER_CLAIM',
  roles_claim: 'OIDC_ROLES_CLAIM',
  scope_claim: 'OIDC_SCOPE_CLAIM',
  purposes_claim: 'OIDC_PURPOSES_CLAIM',
  leeway_seconds: 'OIDC_LEEWAY_SECONDS',
  sign_in_client: 'OIDC_SIGN_IN_CLIENT',
  sign_in_secret: 'OIDC_SIGN_IN_SECRET',
  sign_in_scope: 'OIDC_SIGN_IN_SCOPE',
  sign_in_parameters: 'OIDC_SIGN_IN_PARAMETERS',
} as const satisfies Record<IssuerSetting, keyof typeof VARIABLES>;

/** Prefixes that only our variables have: a name with one of them that is not in the list is a typo. */
const OWN_PREFIXES = [
  'DOCUMENTATION',
  'OIDC_',
  'ASSENT_',
  'CONSISTENCY_',
  'LEASE_',
  'SNAPSHOT_',
  'FLOOR_',
  'TCF_',
  'RETENTION_',
  'CONTROLLER_',
  'RECEIPT_',
  'RECORD_',
  'CHECKPOINT_',
  'METRICS_',
  'ERASURES_',
  'DRAIN_',
  'OVERLOAD_',
  'TLS_',
  'KMS_',
];

/** What the clients read, and their pages have set in the terminal that may start a service next. */
const OF_CLIENTS: ReadonlySet<string> = new Set(['ASSENT_URL', 'ASSENT_TOKEN', 'ASSENT_TIMEOUT']);

/** Where ECS hands out the credentials of a task. */
const CREDENTIALS_OF_ECS = '169.254.170.2';
/** Addresses of the machine itself ("Container credential provider", AWS SDKs and Tools Reference Guide). */
const HAND_OUT_CREDENTIALS: ReadonlySet<string> = new Set([
  CREDENTIALS_OF_ECS,
  '169.254.170.23',
  '[fd00:ec2::23]',
]);

/** The most processes that `WORKERS` takes. */
export const MOST_WORKERS = 64;
/** The fewest days that a record is kept, if not for ever. */
const LEAST_RECORD_DAYS = 10;

/** What DATABASE_URL says for the database inside the process. */
const EMBEDDED = 'embedded';

/** A name this long that differs from a setting by one letter is a typo; shorter ones may belong to another program. */
const TELLING_LENGTH = 7;

/** By only their letters. */
const BY_LETTERS: ReadonlyMap<string, string> = new Map(
  Object.keys(VARIABLES)
    .map((name): [string, string] => [lettersOf(name), name])
    .filter(([letters]) => letters.length >= TELLING_LENGTH),
);

/** The settings cannot be used; `problems` has one sentence for each reason. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`the configuration cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/**
 * Reads the settings.
 *
 * @throws ConfigError with every problem, when a setting is malformed, unknown or unsafe
 */
export function readConfig(given: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const warnings: string[] = [];
  const said = {
    problem: (text: string) => void problems.push(text),
    warning: (text: string) => void warnings.push(text),
  };
  const env = withSecrets(given, said);
  const read = (name: keyof typeof VARIABLES) => (env[name] === '' ? undefined : env[name]);
  const whole = (name: keyof typeof VARIABLES, fallback: number, min: number, max: number) => {
    const text = read(name) ?? String(fallback);
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max)
      problems.push(`${name} is \`${text}\`: give a whole number from ${min} to ${max}`);
    return value;
  };

  const misspelled = new Set<string>();
  for (const name of Object.keys(env).toSorted()) {
    if (Object.hasOwn(VARIABLES, name) || OF_CLIENTS.has(name)) continue;
    const meant = env[name] === '' ? undefined : meantBy(name);
    if (OWN_PREFIXES.some((prefix) => name.startsWith(prefix)))
      problems.push(`there is no setting \`${name}\`: ${correction(name)}`);
    else if (meant !== undefined && env[meant] === undefined) {
      misspelled.add(meant);
      problems.push(
        `there is no setting \`${name}\`: did you mean \`${meant}\`? if another program reads it, set ${meant} as well, empty for its default`,
      );
    }
  }
  // of a file that cannot be used, that was said
  const lacks = (name: keyof typeof VARIABLES) =>
    read(name) === undefined && !misspelled.has(name) && (env[`${name}_FILE`] ?? '') === '';

  for (const name of Object.keys(VARIABLES))
    if (env[name]?.includes(UNREADABLE) === true)
      problems.push(`${name} is not UTF-8: write it as such, for letters of it were lost`);

  const host = read('HOST') ?? '127.0.0.1';
  const port = whole('PORT', 3000, 0, 65_535);
  const database = read('DATABASE_URL');
  const databaseUrl = database === EMBEDDED ? undefined : database;
  const databaseUrlFrom = (given['DATABASE_URL_FILE'] ?? '') === '' ? 'DATABASE_URL' : 'DATABASE_URL_FILE';
  const databaseFault = databaseUrl === undefined ? undefined : faultOfDatabase(databaseUrl);
  if (databaseFault !== undefined) problems.push(`DATABASE_URL ${databaseFault}`);

  const oidc = oidcFrom(read, problems);
  if (oidc !== undefined && lacks('DATABASE_URL'))
    problems.push(
      'DATABASE_URL is not set, and when the machine fails, the embedded database can lose opt-outs that were confirmed: set it to the postgresql:// URL of a server, or to `embedded` if that may happen',
    );
  const recordDays = whole('RECORD_DAYS', 90, 0, 36_500);
  if (recordDays > 0 && recordDays < LEAST_RECORD_DAYS)
    problems.push(
      `RECORD_DAYS is \`${recordDays}\`: give at least ${LEAST_RECORD_DAYS}, so that users can be told of cases, which last 3 days, for a week; or 0, for ever`,
    );
  const workers = whole('WORKERS', 1, 1, MOST_WORKERS);
  if (workers > 1 && (database === EMBEDDED || (oidc === undefined && lacks('DATABASE_URL'))))
    problems.push(
      `WORKERS is \`${workers}\`, but the embedded database belongs to one process: set DATABASE_URL to the postgresql:// URL of a server, or WORKERS=1`,
    );
  if (oidc === undefined && read('OIDC_FILE') === undefined && !isLoopback(host))
    problems.push(
      `HOST is \`${host}\`, but development mode, whose key lies in DATA_DIR, listens on loopback only: set OIDC_ISSUER and OIDC_AUDIENCE, or HOST=127.0.0.1`,
    );

  const givenUrl = read('PUBLIC_URL')?.replace(/\/+$/, '');
  const tls = tlsFrom(read, problems);
  const publicUrl =
    givenUrl ??
    `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const url = parseUrl(publicUrl);
  if (givenUrl !== undefined && (url === undefined || url.search !== '' || url.hash !== ''))
    problems.push(`PUBLIC_URL is \`${givenUrl}\`: give a URL without query and fragment`);
  else if (givenUrl !== undefined && !isSecureUrl(givenUrl))
    problems.push(`PUBLIC_URL is \`${givenUrl}\`: it must be an https URL (http only on a loopback address)`);
  else if (oidc !== undefined && lacks('PUBLIC_URL') && !isLoopback(host))
    problems.push(
      `PUBLIC_URL is not set, and HOST \`${host}\` is no address that callers may send tokens to: set it to the https URL that they use`,
    );

  if (oidc?.some(({ signIn }) => signIn !== undefined) === true && lacks('PUBLIC_URL'))
    problems.push(
      'PUBLIC_URL is not set, and people come back there from where they sign in: set it to the https URL that they use',
    );
  const idle = whole('SESSION_IDLE_MINUTES', 30, 1, 1_440);
  const longest = whole('SESSION_HOURS', 12, 1, 168);

  const logLevel = LOG_LEVELS.find((level) => level === (read('LOG_LEVEL') ?? 'info'));
  if (logLevel === undefined)
    problems.push(`LOG_LEVEL is \`${read('LOG_LEVEL')}\`: give one of ${LOG_LEVELS.join(', ')}`);

  const documentation = read('DOCUMENTATION') ?? (oidc === undefined ? 'on' : 'off');
  if (!['on', 'off'].includes(documentation))
    problems.push(`DOCUMENTATION is \`${documentation}\`: give \`on\` or \`off\``);

  const recordMode = RECORD_MODES.find((mode) => mode === (read('RECORD') ?? 'on'));
  if (recordMode === undefined)
    problems.push(`RECORD is \`${read('RECORD')}\`: give one of ${RECORD_MODES.join(', ')}`);
  if (recordMode === 'off' && (oidc !== undefined || read('OIDC_FILE') !== undefined))
    problems.push(
      'RECORD is `off`, but people must be able to see who used their data: set it to `on` or `fast`; only development mode runs without a record',
    );

  const dataDir = resolve(read('DATA_DIR') ?? '.data');
  const recordDir = resolve(read('RECORD_DIR') ?? join(dataDir, 'record'));
  if (oidc !== undefined && databaseUrl !== undefined && lacks('KEY_FILE'))
    problems.push(
      'KEY_FILE is not set: the key of a database on a server must not be lost with the folder of one machine; name a file that is kept and backed up, apart from the database',
    );
  const keyFile = resolve(read('KEY_FILE') ?? join(dataDir, 'key'));
  const kms = kmsFrom(read, problems);
  // what a KMS has wrapped opens nothing
  if (kms === undefined) warnOfKeyReaders(keyFile, said);
  const checkpoints = read('CHECKPOINT_DIR');
  const metrics = metricsFrom(read);
  if (metrics !== undefined && metrics.port !== 0 && metrics.port === port)
    problems.push(
      `METRICS_PORT is \`${port}\`, as PORT is: give another one, which nobody can reach but who collects metrics`,
    );
  const erasures =
    read('ERASURES_DIR') ?? (databaseUrl === undefined ? join(dataDir, 'erasures') : undefined);
  const contact = read('CONTROLLER_CONTACT');
  if (contact !== undefined && !['https:', 'mailto:'].includes(parseUrl(contact)?.protocol ?? ''))
    problems.push(`CONTROLLER_CONTACT is \`${contact}\`: give a URL that begins with https: or mailto:`);

  const config: Config = {
    warnings,
    host,
    port,
    dataDir,
    snapshotDir: dataDir,
    workers,
    worker: 1,
    keyFile,
    policyDir: resolve(read('POLICY_DIR') ?? 'policies'),
    ...(kms === undefined ? {} : { kms }),
    ...(databaseUrl === undefined ? {} : { databaseUrl, databaseUrlFrom }),
    ...(oidc === undefined ? {} : { oidc }),
    session: { idle: idle * MINUTE_MS, longest: longest * HOUR_MS },
    ...(tls === undefined ? {} : { tls }),
    allowedOrigins: originsFrom(read('ALLOWED_ORIGINS'), problems),
    publicUrl,
    logLevel: logLevel ?? 'info',
    documentation: documentation === 'on',
    drain: 1_000 * whole('DRAIN_SECONDS', oidc === undefined ? 0 : 5, 0, 300),
    bodyLimit: whole('BODY_LIMIT', 1_048_576, 1024, 104_857_600),
    admission: {
      wait: whole('OVERLOAD_WAIT_MS', oidc === undefined ? 0 : 5, 0, 60_000),
      clientRate: whole('CLIENT_RATE_LIMIT', 0, 0, 10_000_000),
      connections: whole('CONNECTION_LIMIT', 10_000, 10, 1_000_000),
    },
    consistencyWait: whole('CONSISTENCY_WAIT_MS', 1000, 0, 60_000),
    lease: whole('LEASE_MS', 2_000, 1_000, 30_000),
    snapshotMinutes: whole('SNAPSHOT_MINUTES', 15, 0, 10_080),
    floorWaitMinutes: whole('FLOOR_WAIT_MINUTES', 4_320, 0, 525_600),
    retentionDays: {
      profile: whole('RETENTION_PROFILE_DAYS', 730, 0, 36_500),
      choice: whole('RETENTION_CHOICE_DAYS', 2_190, 0, 36_500),
      signal: whole('RETENTION_SIGNAL_DAYS', 2_190, 0, 36_500),
    },
    ...(read('TCF_CMP_ID') === undefined ? {} : { tcfCmpId: whole('TCF_CMP_ID', 0, 2, 4095) }),
    controller: {
      name: read('CONTROLLER_NAME') ?? `the operator of ${publicUrl}`,
      ...(contact === undefined ? {} : { contact }),
    },
    receiptKeyDays: whole('RECEIPT_KEY_DAYS', 90, 1, 3_650),
    reportDays: whole('REPORT_DAYS', 1_095, 0, 36_500),
    record: {
      mode: recordMode ?? 'on',
      folder: recordDir,
      parquet: resolve(read('RECORD_PARQUET_DIR') ?? join(recordDir, 'parquet')),
      days: recordDays,
    },
    erasures: {
      ...(erasures === undefined ? {} : { folder: resolve(erasures) }),
      days: whole('ERASURES_DAYS', 400, 0, 36_500),
    },
    checkpointSeconds: whole('CHECKPOINT_SECONDS', 60, 1, 86_400),
    ...(checkpoints === undefined ? {} : { checkpointDir: resolve(checkpoints) }),
    ...(metrics === undefined ? {} : { metrics: { ...metrics, port: whole('METRICS_PORT', 0, 0, 65_535) } }),
  };
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** Where metrics are read, not validated: the supervisor of workers reads no other settings. */
export function metricsFrom(read: (name: 'METRICS_PORT' | 'METRICS_HOST') => string | undefined) {
  const port = read('METRICS_PORT');
  return port === undefined ? undefined : { port: Number(port), host: read('METRICS_HOST') ?? '127.0.0.1' };
}

/** The settings for one of the processes of `WORKERS`. */
export function forWorker(config: Config, worker: number): Config {
  return { ...config, worker, snapshotDir: snapshotDirOf(config.dataDir, worker) };
}

/** Where a worker keeps its snapshot: the first keeps it where a single process does. */
export function snapshotDirOf(dataDir: string, worker: number): string {
  return worker === 1 ? dataDir : join(dataDir, `worker-${worker}`);
}

/** What is wrong with the address of a database. The address is not repeated: it holds a password. */
function faultOfDatabase(address: string): string | undefined {
  if (!/^postgres(ql)?:\/\//.test(address))
    return 'is not the URL of a PostgreSQL server: it begins with postgresql://, or is `embedded`';
  const url = parseUrl(address);
  // after the host there is no `@` or `#`, unless the password was not encoded
  const isTorn =
    url === undefined ||
    url.hash !== '' ||
    url.pathname.includes('@') ||
    (url.username === '' && url.pathname === '' && url.search.includes('@'));
  return isTorn || !isPercentEncoded(url.username + url.password + url.pathname)
    ? 'cannot be read as it is meant: percent-encode what is special in the user and the password, `%` as `%25`, `@` as `%40`, `#` as `%23`, `/` as `%2F`, `:` as `%3A`, `?` as `%3F`'
    : undefined;
}

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function lettersOf(name: string): string {
  return name.toUpperCase().replaceAll(/[-_]/g, '');
}

/**
 * The setting that a name is one typo away from. Names with two typos, and short ones, may belong to other programs,
 * such as `DATABASE_USER` and `PORTS`.
 */
function meantBy(name: string): string | undefined {
  const letters = lettersOf(name);
  return BY_LETTERS.get(BY_LETTERS.has(letters) ? letters : (nearest(letters, BY_LETTERS.keys(), 1) ?? ''));
}

function correction(name: string): string {
  const names = Object.keys(VARIABLES);
  const meant = nearest(name, names);
  return meant === undefined
    ? `correct the name; the settings are ${names.join(', ')}`
    : `did you mean \`${meant}\`?`;
}

/** What the server speaks TLS with; `undefined`: it does not. */
function tlsFrom(
  read: (name: keyof typeof VARIABLES) => string | undefined,
  problems: string[],
): TlsFiles | undefined {
  const certificate = read('TLS_CERT_FILE');
  const key = read('TLS_KEY_FILE');
  const clientAuthorities = read('TLS_CLIENT_CA_FILE');
  if (certificate === undefined && key === undefined && clientAuthorities === undefined) return undefined;
  if (certificate === undefined || key === undefined) {
    problems.push(
      'TLS_CERT_FILE and TLS_KEY_FILE belong together, and TLS_CLIENT_CA_FILE needs both: set both, or none where TLS ends before the service',
    );
    return undefined;
  }
  return {
    certificate: resolve(certificate),
    key: resolve(key),
    ...(clientAuthorities === undefined ? {} : { clientAuthorities: resolve(clientAuthorities) }),
  };
}

/** What wraps the key of the store; `undefined`: nothing does. */
function kmsFrom(
  read: (name: keyof typeof VARIABLES) => string | undefined,
  problems: string[],
): AwsKmsSettings | undefined {
  const key = read('KMS_KEY');
  const endpoint = read('KMS_ENDPOINT');
  if (key === undefined) {
    if (endpoint !== undefined)
      problems.push('KMS_ENDPOINT is set, but KMS_KEY is not: set both, or none where no KMS wraps the key');
    return undefined;
  }
  const region = read('AWS_REGION');
  if (region === undefined)
    problems.push('AWS_REGION is not set, and KMS_KEY is: set it to the region of that key');
  if (endpoint !== undefined && !isSecureUrl(endpoint))
    problems.push(
      `KMS_ENDPOINT is \`${endpoint}\`: it must be an https URL (http only on a loopback address)`,
    );
  const credentials = awsCredentialsFrom(read, problems);
  if (region === undefined || credentials === undefined) return undefined;
  return { key, region, credentials, ...(endpoint === undefined ? {} : { endpoint }) };
}

/** In the order in which the SDKs of AWS look for them. */
function awsCredentialsFrom(
  read: (name: keyof typeof VARIABLES) => string | undefined,
  problems: string[],
): AwsCredentialSource | undefined {
  const accessKeyId = read('AWS_ACCESS_KEY_ID');
  const secretAccessKey = read('AWS_SECRET_ACCESS_KEY');
  const sessionToken = read('AWS_SESSION_TOKEN');
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    const file = (name: keyof typeof VARIABLES) => {
      const path = read(name);
      return path && resolve(path);
    };
    return {
      accessKeyId,
      accessKeyIdFile: file('AWS_ACCESS_KEY_ID_FILE'),
      secretAccessKey,
      secretAccessKeyFile: file('AWS_SECRET_ACCESS_KEY_FILE'),
      sessionToken,
      sessionTokenFile: file('AWS_SESSION_TOKEN_FILE'),
    };
  }
  if (accessKeyId !== undefined || secretAccessKey !== undefined) {
    problems.push('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong together: set both, or neither');
    return undefined;
  }
  const relative = read('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI');
  const url =
    relative === undefined
      ? read('AWS_CONTAINER_CREDENTIALS_FULL_URI')
      : `http://${CREDENTIALS_OF_ECS}${relative}`;
  if (url === undefined) {
    problems.push(
      'there are no credentials for KMS_KEY: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or let the machine hand them out (EKS Pod Identity, a role of an ECS task)',
    );
    return undefined;
  }
  if (!isSecureUrl(url) && !HAND_OUT_CREDENTIALS.has(parseUrl(url)?.hostname ?? '')) {
    problems.push(
      `AWS_CONTAINER_CREDENTIALS_FULL_URI is \`${url}\`: it must be an https URL (http only on a loopback address, or where ECS and EKS hand credentials out)`,
    );
    return undefined;
  }
  const tokenFile = read('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE');
  return {
    url,
    ...(tokenFile === undefined ? {} : { tokenFile: resolve(tokenFile) }),
  };
}

/** Whose tokens are trusted; `undefined` in development mode. */
function oidcFrom(
  read: (name: keyof typeof VARIABLES) => string | undefined,
  problems: string[],
): Config['oidc'] {
  const say = (problem: string) => void problems.push(problem);
  const set = ISSUER_SETTINGS.filter((setting) => read(ISSUER_VARIABLES[setting]) !== undefined);
  const named = set.map((setting) => ISSUER_VARIABLES[setting]).join(', ');
  const file = read('OIDC_FILE');
  if (file !== undefined) {
    if (named !== '') say(`OIDC_FILE is set, and so is ${named}: set the one or the other`);
    const value = jsonFile(file, say);
    if (value === undefined) return undefined;
    const [first, ...others] = issuersFrom(value, `OIDC_FILE \`${file}\``, say);
    return first && [first, ...others];
  }
  const hasIssuer = set.includes('issuer');
  if (hasIssuer !== set.some((setting) => setting.startsWith('audience')))
    say('OIDC_ISSUER and OIDC_AUDIENCE belong together: set both, or neither for development mode');
  else if (!hasIssuer && named !== '')
    say(`${named} is set, but OIDC_ISSUER is not: set it, or none of OIDC_ for development mode`);
  if (!hasIssuer) return undefined;
  const own = (setting: string): setting is IssuerSetting => Object.hasOwn(ISSUER_VARIABLES, setting);
  return [
    issuerFrom(
      (setting) => (own(setting) ? read(ISSUER_VARIABLES[setting]) : undefined),
      (setting) => (own(setting) ? ISSUER_VARIABLES[setting] : setting),
      say,
    ),
  ];
}

function jsonFile(path: string, say: (problem: string) => void): unknown {
  try {
    const text = textOf(readFileSync(resolve(path)));
    if (text !== undefined) return parseJson(text);
    say(`OIDC_FILE \`${path}\` is not UTF-8: save it as such`);
  } catch (error) {
    const fault =
      error instanceof JsonFault ? error.message : 'cannot be read: correct the path, or make it readable';
    say(`OIDC_FILE \`${path}\` ${fault}`);
  }
  return undefined;
}

/** Each exactly as a browser writes it in `Origin` (RFC 6454, section 6.2), so that texts can be compared. */
function originsFrom(text: string | undefined, problems: string[]): string[] {
  const origins = entriesOf(text ?? '');
  for (const origin of origins) {
    const url = parseUrl(origin);
    if (url === undefined || url.origin !== origin || origin.includes('*'))
      problems.push(
        `ALLOWED_ORIGINS has \`${origin}\`: ${url === undefined || url.origin === 'null' || origin.includes('*') ? 'give origins, each as https://host or https://host:port, and no `*`' : `write it as \`${url.origin}\``}`,
      );
    else if (!isSecureUrl(origin))
      problems.push(
        `ALLOWED_ORIGINS has \`${origin}\`: it must begin with https (http only on a loopback address)`,
      );
  }
  return origins;
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
