import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, forWorker, readConfig } from './config.js';
import { SECRETS } from './secrets.js';

const PRODUCTION = { OIDC_ISSUER: 'https://id.example', OIDC_AUDIENCE: 'assent' };
const DATABASE_URL = 'postgresql://assent@db.example/assent';

describe('a name that is one slip away from a setting', () => {
  it.each([
    ['DATABASE_URI', 'DATABASE_URL'],
    ['DATABASEURI', 'DATABASE_URL'],
    ['DATABSE_URL', 'DATABASE_URL'],
    ['database_url', 'DATABASE_URL'],
    ['KEYFILE', 'KEY_FILE'],
    ['PUBLIC_URI', 'PUBLIC_URL'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['POLICY_DIRS', 'POLICY_DIR'],
    ['DATADIR', 'DATA_DIR'],
    ['ODIC_ISSUER', 'OIDC_ISSUER'],
    ['BODYLIMIT', 'BODY_LIMIT'],
  ])('such as %s refuses the start, and is told from %s', (name, meant) => {
    expect(problemsOf({ [name]: 'x' })).toEqual([
      `there is no setting \`${name}\`: did you mean \`${meant}\`? if another program reads it, set ${meant} as well, empty for its default`,
    ]);
  });

  it('is that of another program where the setting itself is there, be it empty', () => {
    expect(problemsOf({ DATABASE_URI: 'sqlite:///x', DATABASE_URL: 'embedded' })).toEqual([]);
    expect(problemsOf({ LOGLEVEL: 'verbose', LOG_LEVEL: '' })).toEqual([]);
    expect(problemsOf({ KEYFILE: '' })).toEqual([]);
  });

  it('is the one thing that is told of the setting', () => {
    const all = {
      ...PRODUCTION,
      HOST: '0.0.0.0',
      DATABASE_URI: DATABASE_URL,
      PUBLIC_URI: 'https://a.example',
    };
    expect(problemsOf(all)).toHaveLength(2);
    expect(problemsOf({ ...PRODUCTION, DATABASE_URL, KEYFILE: '/k' })).toHaveLength(1);
  });
});

it('leaves those of its clients alone, and takes what is nearly one for a typo', () => {
  expect(problemsOf({ ASSENT_URL: 'x', ASSENT_TOKEN: 'x', ASSENT_TIMEOUT: 'x' })).toEqual([]);
  expect(problemsOf({ ASSENT_TOKENS: 'x' })).toEqual([expect.stringMatching(/^there is no setting/)]);
});

it('leaves the variables of other programs alone', () => {
  const theirs =
    'PATH HOME HOSTNAME HOSTS HOSTTYPE PORTS SPORT XPORT HTTP_PORT REDIS_PORT PGHOST PGPORT PGDATA PGPASSFILE DATABASE DATABASE_HOST DATABASE_PORT DATABASE_USER DATABASE_NAME DATABASE_SSL DATABASE_TTL DB_URL POSTGRES_URL REDIS_URL BASE_URL PUBLIC_KEY PUBLIC_DIR NEXT_PUBLIC_URL XDG_DATA_DIRS TZDIR LOG_FILE LOG_FORMAT RUST_LOG NODE_ENV KUBERNETES_SERVICE_HOST ASSENT';
  expect(problemsOf(Object.fromEntries(theirs.split(' ').map((name) => [name, 'x'])))).toEqual([]);
});

describe('origins that may call the API', () => {
  const originsOf = (ALLOWED_ORIGINS: string) => readConfig({ ALLOWED_ORIGINS }).allowedOrigins;

  it('are none unless some are named, each exactly', () => {
    expect(readConfig({}).allowedOrigins).toEqual([]);
    expect(originsOf('https://a.example, https://b.example:8443,http://localhost:5173')).toEqual([
      'https://a.example',
      'https://b.example:8443',
      'http://localhost:5173',
    ]);
  });

  it.each([
    '*',
    'null',
    'a.example',
    'https://*.a.example',
    'https://a.example/',
    'https://a.example/page',
    'https://a.example:443',
    'HTTPS://a.example',
    'https://A.example',
    'https://user@a.example',
    'http://a.example',
    'chrome-extension://abc',
    'https://a.example https://b.example',
  ])('are no start with %s', (ALLOWED_ORIGINS) => {
    expect(problemsOf({ ALLOWED_ORIGINS })).toEqual([expect.stringMatching(/^ALLOWED_ORIGINS has `/)]);
  });
});

describe('signing in', () => {
  const SIGN_IN = { ...PRODUCTION, DATABASE_URL: 'embedded', OIDC_SIGN_IN_CLIENT: 'assent-pages' };
  const PUBLIC_URL = 'https://assent.example';

  it('needs the address where people come back', () => {
    expect(problemsOf(SIGN_IN)).toEqual([expect.stringMatching(/^PUBLIC_URL is not set, and people/)]);
    expect(problemsOf({ ...SIGN_IN, PUBLIC_URL })).toEqual([]);
    expect(problemsOf({ ...SIGN_IN, PUBLIC_URL: 'http://assent.example' })).toHaveLength(1);
  });

  it('is set up with a client, or not at all', () => {
    for (const name of ['SECRET', 'SCOPE', 'PARAMETERS'])
      expect(
        problemsOf({ ...PRODUCTION, DATABASE_URL: 'embedded', [`OIDC_SIGN_IN_${name}`]: 'openid' }),
      ).toEqual([expect.stringMatching(/^OIDC_SIGN_IN_CLIENT is not set/)]);
  });

  it('asks for what it is told to, but never for less than who somebody is, nor for another answer', () => {
    const [issuer] =
      readConfig({
        ...SIGN_IN,
        PUBLIC_URL,
        OIDC_SIGN_IN_SCOPE: 'openid profile',
        OIDC_SIGN_IN_PARAMETERS: 'audience=https%3A%2F%2Fa.example&prompt=login',
      }).oidc ?? [];
    expect(issuer?.signIn).toEqual({
      id: 'assent-pages',
      scope: 'openid profile',
      parameters: { audience: 'https://a.example', prompt: 'login' },
    });
    expect(problemsOf({ ...SIGN_IN, PUBLIC_URL, OIDC_SIGN_IN_SCOPE: 'profile' })).toHaveLength(1);
    for (const own of ['state', 'redirect_uri', 'response_type', 'code_challenge', 'nonce', 'client_id'])
      expect(problemsOf({ ...SIGN_IN, PUBLIC_URL, OIDC_SIGN_IN_PARAMETERS: `a=1&${own}=x` })).toEqual([
        expect.stringContaining(`\`${own}\``),
      ]);
  });

  it('lasts as long as it is told to, within bounds', () => {
    expect(readConfig({}).session).toEqual({ idle: 30 * 60_000, longest: 12 * 3_600_000 });
    expect(readConfig({ SESSION_IDLE_MINUTES: '5', SESSION_HOURS: '1' }).session).toEqual({
      idle: 5 * 60_000,
      longest: 3_600_000,
    });
    expect(problemsOf({ SESSION_IDLE_MINUTES: '0', SESSION_HOURS: '169' })).toHaveLength(2);
  });
});

describe('production', () => {
  it('does not start on the embedded database by itself: it can lose opt-outs', () => {
    expect(problemsOf(PRODUCTION)).toEqual([expect.stringMatching(/DATABASE_URL is not set.*lose opt-outs/)]);
  });

  it('starts on it where that is said, with its key in the data folder', () => {
    const config = readConfig({ ...PRODUCTION, DATABASE_URL: 'embedded' });
    expect(config.databaseUrl).toBeUndefined();
    expect(config.keyFile).toBe(`${config.dataDir}/key`);
  });

  it.each(['0.0.0.0', '::', '10.0.0.7', 'assent.internal'])(
    'on %s is told the URL that callers use, for it cannot be made of that',
    (HOST) => {
      const env = { ...PRODUCTION, DATABASE_URL: 'embedded', HOST };
      expect(problemsOf(env)).toEqual([expect.stringMatching(/^PUBLIC_URL is not set, and HOST `/)]);
      expect(problemsOf({ ...env, PUBLIC_URL: 'https://assent.example' })).toEqual([]);
    },
  );
});

it('keeps a record for long enough to tell users what it says, or for ever', () => {
  for (const days of ['1', '9'])
    expect(problemsOf({ RECORD_DAYS: days })).toEqual([
      expect.stringContaining(`RECORD_DAYS is \`${days}\`: give at least 10`),
    ]);
  for (const days of ['0', '10', '36500']) expect(problemsOf({ RECORD_DAYS: days })).toEqual([]);
});

describe('several workers', () => {
  it('take a server, and production is told of the database once', () => {
    expect(problemsOf({ WORKERS: '2' })).toEqual([
      expect.stringMatching(/^WORKERS is `2`, but the embedded/),
    ]);
    expect(problemsOf({ ...PRODUCTION, WORKERS: '2' })).toEqual([
      expect.stringMatching(/^DATABASE_URL is not set/),
    ]);
    expect(problemsOf({ DATABASE_URL, WORKERS: '64' })).toEqual([]);
  });

  it('have one key, and a snapshot each', () => {
    const [first, second] = [1, 2].map((worker) =>
      forWorker(readConfig({ DATABASE_URL, WORKERS: '2' }), worker),
    );
    expect(second?.keyFile).toBe(first?.keyFile);
    expect(first?.snapshotDir).toBe(first?.dataDir);
    expect(second?.snapshotDir).toBe(`${first?.dataDir}/worker-2`);
  });
});

it('takes a lease of one second to thirty', () => {
  expect(readConfig({}).lease).toBe(2_000);
  expect(readConfig({ LEASE_MS: '30000' }).lease).toBe(30_000);
  for (const LEASE_MS of ['999', '30001', '2s'])
    expect(problemsOf({ LEASE_MS })).toEqual([
      `LEASE_MS is \`${LEASE_MS}\`: give a whole number from 1000 to 30000`,
    ]);
});

it('tells of a port that is none once', () => {
  expect(problemsOf({ PORT: '99999' })).toEqual(['PORT is `99999`: give a whole number from 0 to 65535']);
});

it('tells the line of an OIDC_FILE that is no JSON', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assent-'));
  const file = join(folder, 'issuers.json');
  writeFileSync(file, '{\n  "issuers": oops\n}\n');
  expect(problemsOf({ OIDC_FILE: file })).toEqual([
    `OIDC_FILE \`${file}\` is not valid JSON: correct it at line 2, column 14`,
  ]);
  rmSync(folder, { recursive: true });
});

describe('the record', () => {
  it('is on by itself, in the data folder, for 90 days', () => {
    const { record } = readConfig({ DATA_DIR: '/srv/assent' });
    expect(record).toEqual({
      mode: 'on',
      folder: '/srv/assent/record',
      parquet: '/srv/assent/record/parquet',
      days: 90,
    });
  });

  it('can be off in development mode alone', () => {
    expect(problemsOf({ RECORD: 'off' })).toEqual([]);
    expect(problemsOf({ ...PRODUCTION, DATABASE_URL, KEY_FILE: '/k', RECORD: 'fast' })).toEqual([]);
    expect(problemsOf({ ...PRODUCTION, DATABASE_URL, KEY_FILE: '/k', RECORD: 'off' })).toEqual([
      expect.stringMatching(/^RECORD is `off`.*set it to `on` or `fast`/),
    ]);
  });

  it('is refused in another mode', () => {
    expect(problemsOf({ RECORD: 'yes' })).toEqual(['RECORD is `yes`: give one of on, fast, off']);
  });
});

describe('the address of the database', () => {
  it.each(['1#b', '1/b', '1?b', 'a#b', 'a/b', 'a?b', 'a@b/c', '1@2#c', 'a%b', '%zz', ':/x'])(
    'with `%s` as a password is refused, told how to write it, and not repeated',
    (password) => {
      const problems = problemsOf({ DATABASE_URL: `postgresql://user:${password}@db.example:5432/assent` });
      expect(problems).toEqual([expect.stringMatching(/^DATABASE_URL cannot.*percent-encode.*`#` as `%23`/)]);
      expect(problems.join()).not.toContain('db.example');
    },
  );

  it.each([
    `postgresql://user:${encodeURIComponent('a@b/c#d?e%f:g')}@db.example/assent`,
    'postgres://db.example/assent?user=me@example.org&sslmode=verify-full',
    'postgresql:///assent?host=/var/run/postgresql',
    'postgresql://user:plain@[::1]:5432/assent',
  ])('is taken as %s', (address) => {
    expect(problemsOf({ DATABASE_URL: address })).toEqual([]);
  });
});

describe('a secret in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assent-secret-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const fileOf = (content: string | Buffer, mode = 0o400) => {
    const file = join(folder, randomUUID());
    writeFileSync(file, content);
    chmodSync(file, mode);
    return file;
  };
  const read = (content: string | Buffer, mode?: number) =>
    readConfig({ DATABASE_URL_FILE: fileOf(content, mode) });

  it.each(['', '\n', '\r\n'])('is what the variable would be, without the line break %j after it', (end) => {
    const { databaseUrl, warnings } = read(`${DATABASE_URL}${end}`);
    expect([databaseUrl, warnings]).toEqual([DATABASE_URL, []]);
  });

  it('counts for what asks whether the variable is set', () => {
    const PUBLIC_URL = 'https://assent.example';
    const problems = problemsOf({
      ...PRODUCTION,
      PUBLIC_URL,
      KEY_FILE: '/k',
      WORKERS: '2',
      DATABASE_URL_FILE: fileOf(DATABASE_URL),
      OIDC_SIGN_IN_CLIENT: 'assent',
      OIDC_SIGN_IN_SECRET_FILE: fileOf('of-assent'),
    });
    expect(problems).toEqual([]);
  });

  it('is told of when every user of the machine can read it, and is used', () => {
    const { databaseUrl, warnings } = read(DATABASE_URL, 0o444);
    expect(databaseUrl).toBe(DATABASE_URL);
    expect(warnings).toEqual([expect.stringMatching(/^DATABASE_URL_FILE names .*chmod o-r/)]);
    expect(read(DATABASE_URL, 0o440).warnings).toEqual([]);
  });

  it('is told of when it is the key of the store, unless a KMS has wrapped that', () => {
    const KEY_FILE = fileOf('the key', 0o444);
    const kms = { KMS_KEY: 'x', AWS_REGION: 'x', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' };
    expect(readConfig({ KEY_FILE }).warnings).toEqual([
      expect.stringMatching(/^the key of the store is in `.*`, which every user of this machine can read/),
    ]);
    expect(readConfig({ KEY_FILE: fileOf('the key') }).warnings).toEqual([]);
    expect(readConfig({ KEY_FILE, ...kms }).warnings).toEqual([]);
  });

  it('refuses the start beside the variable itself, whichever it would be', () => {
    for (const name of SECRETS)
      expect(problemsOf({ [name]: 'x', [`${name}_FILE`]: fileOf('y') })).toContain(
        `${name} and ${name}_FILE are set: set the one or the other`,
      );
  });

  it.each([
    ['is empty', ''],
    ['is empty', '\n'],
    ['has more than one line', 'hidden\nhidden\n'],
    ['has more than one line', 'hidden\0'],
    ['is not UTF-8', Buffer.from([0x68, 0xff])],
    ['has more than 16384 bytes', 'hidden'.repeat(3_000)],
  ])('that %s refuses the start, and is not repeated', (why, content) => {
    const problems = problemsOf({ DATABASE_URL_FILE: fileOf(content) });
    expect(problems).toEqual([expect.stringMatching(`^DATABASE_URL_FILE names .*, which ${why}`)]);
    expect(problems.join()).not.toContain('hidden');
  });

  it.each([join(folder, 'nowhere'), folder, '/dev/zero', '/proc/self/mem'])(
    'that cannot be read refuses the start, though development mode needs none: %s',
    (file) => {
      const problems = problemsOf({ DATABASE_URL_FILE: file });
      expect(problems).toEqual([expect.stringMatching('^DATABASE_URL_FILE names ')]);
    },
  );

  it('that is no address is not repeated either', () => {
    const problems = problemsOf({ DATABASE_URL_FILE: fileOf('mysql://me:hidden@db.example/x') });
    expect(problems).toEqual([expect.stringMatching('^DATABASE_URL is not the URL of a PostgreSQL server')]);
    expect(problems.join()).not.toContain('hidden');
  });
});

it('that is a pipe refuses the start, and is not waited for', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assent-pipe-'));
  const pipe = join(folder, 'pipe');
  try {
    execFileSync('mkfifo', [pipe]);
    expect(problemsOf({ DATABASE_URL_FILE: pipe })).toEqual([
      `DATABASE_URL_FILE names \`${pipe}\`, which is no file: name one`,
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('TLS of the service itself', () => {
  const files = { TLS_CERT_FILE: '/tls/crt', TLS_KEY_FILE: '/tls/key' };

  it('takes a certificate and its key, and names https as its own address', () => {
    const { tls, publicUrl } = readConfig(files);
    expect([tls, publicUrl]).toEqual([
      { certificate: '/tls/crt', key: '/tls/key' },
      'https://127.0.0.1:3000',
    ]);
    expect(readConfig({}).tls).toBeUndefined();
    expect(readConfig({ ...files, TLS_CLIENT_CA_FILE: '/tls/ca' }).tls).toHaveProperty(
      'clientAuthorities',
      '/tls/ca',
    );
  });

  it.each([
    { TLS_CERT_FILE: '/tls/crt' },
    { TLS_KEY_FILE: '/tls/key' },
    { TLS_CLIENT_CA_FILE: '/tls/ca' },
    { TLS_CERT_FILE: '/tls/crt', TLS_CLIENT_CA_FILE: '/tls/ca' },
  ])('is refused where a part is missing: %j', (some) => {
    expect(problemsOf(some)).toEqual([
      expect.stringMatching('^TLS_CERT_FILE and TLS_KEY_FILE belong together'),
    ]);
  });

  it.each(['TLS_CLIENT_CA', 'TLS_CLIENT_CERT_FILE', 'TLS_CERT', 'TLS_KEYFILE', 'TLS_TRUSTED', 'TLS_MODE'])(
    'is not left out for a slip: %s',
    (name) => {
      expect(problemsOf({ [name]: '/tls/x' })).toEqual([
        expect.stringMatching(`^there is no setting \`${name}\``),
      ]);
    },
  );
});

function problemsOf(env: Readonly<Record<string, string>>): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('a KMS', () => {
  const key = { KMS_KEY: 'alias/assent', AWS_REGION: 'eu-central-1' };
  const fixed = { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret' };
  const ecs = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials/1' };
  const eks = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/token',
  };

  it('takes credentials that are fixed, and those that ECS or EKS hand out', () => {
    expect(readConfig({ ...key, ...fixed, ...eks }).kms).toEqual({
      key: 'alias/assent',
      region: 'eu-central-1',
      credentials: { accessKeyId: 'AKID', secretAccessKey: 'secret' },
    });
    expect(readConfig({ ...key, ...ecs }).kms?.credentials).toEqual({
      url: 'http://169.254.170.2/v2/credentials/1',
    });
    expect(readConfig({ ...key, ...eks }).kms?.credentials).toEqual({
      url: 'http://169.254.170.23/v1/credentials',
      tokenFile: '/token',
    });
    // another program may have credentials of its own
    expect(readConfig({ AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'AKID' }).kms).toBeUndefined();
  });

  it.each([
    [{ ...fixed, KMS_KEY: 'x' }, '^AWS_REGION is not set, and KMS_KEY is'],
    [key, '^there are no credentials for KMS_KEY'],
    [{ ...key, AWS_ACCESS_KEY_ID: 'AKID' }, '^AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong together'],
    [{ ...key, ...fixed, KMS_ENDPOINT: 'http://kms.example' }, 'it must be an https URL'],
    [{ ...key, AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://kms.example' }, 'it must be an https URL'],
    [{ KMS_ENDPOINT: 'https://kms.example' }, '^KMS_ENDPOINT is set, but KMS_KEY is not'],
  ])('is refused where a part is missing or not safe: %j', (some, problem) => {
    expect(problemsOf(some)).toEqual([expect.stringMatching(problem)]);
  });
});
