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
import { isLoopback, isSecureUrl } from './secure-url.js';
import { textOf } from './text.js';

export type Config = {
  readonly host: string;
  readonly port: number;
  /** Absolute path of the folder of the embedded database, the snapshot of the consent state and the development key. */
  readonly dataDir: string;
  /** Absolute path of the policy documents. */
  readonly policyDir: string;
  /** A PostgreSQL server's connection string; absent: the embedded database. */
  readonly databaseUrl?: string;
  /** Absolute path of the file of the key that the store is sealed with. */
  readonly keyFile: string;
  /** Who vouches for callers; absent: development mode, loopback only. */
  readonly oidc?: readonly [Issuer, ...Issuer[]];
  /** Base URL that callers reach the service by, without a trailing slash; discovery names it. */
  readonly publicUrl: string;
  readonly logLevel: LogLevel;
  /** Whether the OpenAPI document and its page are served, to anybody. */
  readonly documentation: boolean;
  /** Largest request body, in bytes. */
  readonly bodyLimit: number;
  /** How long a decision waits for the revision its consistency token names before it is denied, in milliseconds. */
  readonly consistencyWait: number;
  /** How often the consent state is saved in `dataDir` at most, in minutes; 0: no snapshot is kept. */
  readonly snapshotMinutes: number;
  /** How long a change of the floor waits after its last approval, in minutes. */
  readonly floorWaitMinutes: number;
  /** For how many days what was superseded is kept, per kind of event; 0: for ever. */
  readonly retentionDays: { readonly profile: number; readonly choice: number; readonly signal: number };
  /** Id of the consent management platform that TC strings name; absent: none are written. */
  readonly tcfCmpId?: number;
  /** Who answers for the processing; consent receipts name them. */
  readonly controller: { readonly name: string; readonly contact?: string };
  /** After this many days the next consent receipt is signed with a new key. */
  readonly receiptKeyDays: number;
};

/** Stands where the environment held bytes that are not UTF-8. */
const UNREADABLE = '\ufffd';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

/** Every variable the service reads, with what it means. `docs/configuration.md` is held equal to it by a test. */
export const VARIABLES = {
  HOST: 'address to listen on; default 127.0.0.1',
  PORT: 'port to listen on; default 3000, 0 for a free one',
  DATA_DIR: 'folder of the embedded database, the snapshot and the development key; default .data',
  POLICY_DIR: 'folder of the policy documents; default policies',
  DATABASE_URL: 'postgresql:// URL of a PostgreSQL server; without it the embedded database is used',
  KEY_FILE:
    'file of the key that the store is sealed with, made with the database; default key in DATA_DIR; needed with DATABASE_URL in production',
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
  OIDC_FILE: 'JSON file of several issuers, in place of the other variables of OIDC_',
  PUBLIC_URL: 'base URL that callers use (https), named by discovery; default http://HOST:PORT',
  LOG_LEVEL: `one of ${LOG_LEVELS.join(', ')}; default info`,
  DOCUMENTATION:
    '`on` serves the OpenAPI document and its page to anybody, `off` does not; default on in development mode, off in production',
  BODY_LIMIT: 'largest request body in bytes; default 1048576',
  CONSISTENCY_WAIT_MS: 'how long a decision waits for the revision of its consistency token; default 1000',
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
} as const satisfies Record<IssuerSetting, keyof typeof VARIABLES>;

/** Prefixes under which only variables of ours live: a name with one of them that is not in the list is a slip. */
const OWN_PREFIXES = [
  'DOCUMENTATION',
  'OIDC_',
  'ASSENT_',
  'CONSISTENCY_',
  'SNAPSHOT_',
  'FLOOR_',
  'TCF_',
  'RETENTION_',
  'CONTROLLER_',
  'RECEIPT_',
];

/** The settings cannot be used; `problems` says why, one sentence each. */
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
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const read = (name: keyof typeof VARIABLES) => (env[name] === '' ? undefined : env[name]);
  const whole = (name: keyof typeof VARIABLES, fallback: number, min: number, max: number) => {
    const text = read(name) ?? String(fallback);
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max)
      problems.push(`${name} is \`${text}\`: give a whole number from ${min} to ${max}`);
    return value;
  };

  for (const name of Object.keys(env))
    if (OWN_PREFIXES.some((prefix) => name.startsWith(prefix)) && !Object.hasOwn(VARIABLES, name))
      problems.push(`there is no setting \`${name}\`: ${correction(name)}`);

  for (const name of Object.keys(VARIABLES))
    if (env[name]?.includes(UNREADABLE) === true)
      problems.push(`${name} is not UTF-8: write it as such, for letters of it were lost`);

  const host = read('HOST') ?? '127.0.0.1';
  const port = whole('PORT', 3000, 0, 65_535);
  const databaseUrl = read('DATABASE_URL');
  if (
    databaseUrl !== undefined &&
    !['postgres:', 'postgresql:'].includes(parseUrl(databaseUrl)?.protocol ?? '')
  )
    problems.push('DATABASE_URL is not the URL of a PostgreSQL server: it begins with postgresql://');

  const oidc = oidcFrom(read, problems);
  if (oidc === undefined && read('OIDC_FILE') === undefined && !isLoopback(host))
    problems.push(
      `HOST is \`${host}\`, but development mode, whose key lies in DATA_DIR, listens on loopback only: set OIDC_ISSUER and OIDC_AUDIENCE, or HOST=127.0.0.1`,
    );

  const publicUrl = (
    read('PUBLIC_URL') ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  ).replace(/\/+$/, '');
  const url = parseUrl(publicUrl);
  if (url === undefined || url.search !== '' || url.hash !== '')
    problems.push(`PUBLIC_URL is \`${publicUrl}\`: give a URL without query and fragment`);
  else if (read('PUBLIC_URL') !== undefined && !isSecureUrl(publicUrl))
    problems.push(
      `PUBLIC_URL is \`${publicUrl}\`: it must be an https URL (http only on a loopback address)`,
    );

  const logLevel = LOG_LEVELS.find((level) => level === (read('LOG_LEVEL') ?? 'info'));
  if (logLevel === undefined)
    problems.push(`LOG_LEVEL is \`${read('LOG_LEVEL')}\`: give one of ${LOG_LEVELS.join(', ')}`);

  const documentation = read('DOCUMENTATION') ?? (oidc === undefined ? 'on' : 'off');
  if (!['on', 'off'].includes(documentation))
    problems.push(`DOCUMENTATION is \`${documentation}\`: give \`on\` or \`off\``);

  const dataDir = resolve(read('DATA_DIR') ?? '.data');
  if (oidc !== undefined && databaseUrl !== undefined && read('KEY_FILE') === undefined)
    problems.push(
      'KEY_FILE is not set: the key of a database on a server must not be lost with the folder of one machine; name a file that is kept and backed up, apart from the database',
    );
  const contact = read('CONTROLLER_CONTACT');
  if (contact !== undefined && !['https:', 'mailto:'].includes(parseUrl(contact)?.protocol ?? ''))
    problems.push(`CONTROLLER_CONTACT is \`${contact}\`: give a URL that begins with https: or mailto:`);

  const config: Config = {
    host,
    port,
    dataDir,
    keyFile: resolve(read('KEY_FILE') ?? join(dataDir, 'key')),
    policyDir: resolve(read('POLICY_DIR') ?? 'policies'),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    ...(oidc === undefined ? {} : { oidc }),
    publicUrl,
    logLevel: logLevel ?? 'info',
    documentation: documentation === 'on',
    bodyLimit: whole('BODY_LIMIT', 1_048_576, 1024, 104_857_600),
    consistencyWait: whole('CONSISTENCY_WAIT_MS', 1000, 0, 60_000),
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
  };
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

function correction(name: string): string {
  const names = Object.keys(VARIABLES);
  const meant = nearest(name, names);
  return meant === undefined
    ? `correct the name; the settings are ${names.join(', ')}`
    : `did you mean \`${meant}\`?`;
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

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
