// What the service needs around it, on one machine and without containers: a PostgreSQL, and an issuer of tokens that stands
// for Keycloak with the realm of deploy/keycloak. docs/operate.md goes through a trial with it.
import { randomUUID } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { SignJWT, exportJWK, generateKeyPair, importJWK } from 'jose';
import { startPostgres } from '../test/bench/postgres.mjs';
import { freePort } from '../test/bench/servers.mjs';

const HELP = `usage: node scripts/trial.mjs database|provider FOLDER

Each runs until it is ended, and goes on with its files when it is started again. FOLDER/settings says what the service is to
be started with. Secrets and passwords are those of deploy/keycloak/realm.json, which everybody knows: it is nothing for
production.
`;

const REALM = JSON.parse(
  readFileSync(fileURLToPath(new URL('../deploy/keycloak/realm.json', import.meta.url)), 'utf8'),
);
const PLACE = `/realms/${REALM.realm}`;
const ALGORITHM = 'RS256';
const AUDIENCE = 'assent';

/** @param {string} line */
const say = (line) => void process.stdout.write(`${line}\n`);

/** Of two that make it at the same time, the first one's stays. @param {string} file @param {string} content */
function makeOnce(file, content) {
  const fresh = `${file}.${randomUUID()}`;
  writeFileSync(fresh, content, { mode: 0o600 });
  try {
    linkSync(fresh, file);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(fresh);
  }
  return readFileSync(file, 'utf8');
}

/** @param {string} folder @returns what the service is to be started with */
async function settingsIn(folder) {
  const [provider, service, metrics] = await Promise.all([freePort(), freePort(), freePort()]);
  const settings = {
    DATABASE_URL_FILE: join(folder, 'database-url'),
    KEY_FILE: join(folder, 'key'),
    ERASURES_DIR: join(folder, 'erasures'),
    DATA_DIR: join(folder, 'data'),
    OIDC_PROVIDER: 'keycloak',
    OIDC_ISSUER: `http://127.0.0.1:${provider}${PLACE}`,
    OIDC_AUDIENCE: AUDIENCE,
    PORT: service,
    PUBLIC_URL: `http://127.0.0.1:${service}`,
    METRICS_PORT: metrics,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  return parseEnv(makeOnce(join(folder, 'settings'), lines.join('')));
}

/** @param {string} folder */
async function runDatabase(folder) {
  const { DATABASE_URL_FILE: file } = await settingsIn(folder);
  const known = existsSync(file) ? new URL(readFileSync(file, 'utf8').trim()) : undefined;
  const postgres = await startPostgres(join(folder, 'postgres'), { port: Number(known?.port ?? 0) });
  if (known === undefined) makeOnce(file, `${await postgres.createDatabase('assent')}\n`);
  say('the database is ready');
}

/** @param {string} folder */
async function runProvider(folder) {
  const { OIDC_ISSUER: issuer } = await settingsIn(folder);
  const fresh = await generateKeyPair(ALGORITHM, { extractable: true });
  const written = makeOnce(join(folder, 'provider-key'), JSON.stringify(await exportJWK(fresh.privateKey)));
  const jwk = JSON.parse(written);
  const key = await importJWK(jwk, ALGORITHM);
  const answers = {
    [`${PLACE}/.well-known/openid-configuration`]: () => ({
      issuer,
      jwks_uri: `${issuer}/certs`,
      token_endpoint: `${issuer}/token`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [ALGORITHM],
    }),
    [`${PLACE}/certs`]: () => ({
      keys: [{ kty: jwk.kty, n: jwk.n, e: jwk.e, kid: '1', alg: ALGORITHM, use: 'sig' }],
    }),
    [`${PLACE}/token`]: async (body) => {
      const claims = claimsOf(new URLSearchParams(body));
      if (claims === undefined) return undefined;
      const token = new SignJWT({ typ: 'Bearer', aud: AUDIENCE, ...claims })
        .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT', kid: '1' })
        .setIssuer(issuer)
        .setIssuedAt()
        .setExpirationTime(`${REALM.accessTokenLifespan}s`);
      return {
        access_token: await token.sign(key),
        token_type: 'Bearer',
        expires_in: REALM.accessTokenLifespan,
      };
    },
  };
  const respond = async (request, response) => {
    const answer = await answers[request.url]?.(await text(request));
    response.writeHead(answer === undefined ? 401 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? { error: 'invalid_request' }));
  };
  const server = createServer((request, response) => {
    respond(request, response).catch(() => response.destroy());
  });
  server.listen(Number(new URL(issuer).port), '127.0.0.1', () => say('the provider is ready'));
}

/** What Keycloak says in an access token; `undefined`: it gives none. @param {URLSearchParams} asked */
function claimsOf(asked) {
  const client = REALM.clients.find(({ clientId }) => clientId === asked.get('client_id'));
  if (asked.get('grant_type') === 'client_credentials') {
    if (client?.serviceAccountsEnabled !== true || client.secret !== asked.get('client_secret'))
      return undefined;
    const inToken = REALM.clientScopes.filter(
      ({ name, attributes }) =>
        client.defaultClientScopes.includes(name) && attributes['include.in.token.scope'] === 'true',
    );
    const purposes = client.protocolMappers.find(({ name }) => name === 'purposes');
    return {
      sub: client.clientId,
      azp: client.clientId,
      client_id: client.clientId,
      preferred_username: `service-account-${client.clientId}`,
      scope: inToken.map(({ name }) => name).join(' '),
      purposes: JSON.parse(purposes.config['claim.value']),
    };
  }
  // in place of a page to sign in with, which the realm has instead
  const person = REALM.users.find(({ username }) => username === asked.get('username'));
  if (asked.get('grant_type') !== 'password' || person?.credentials[0].value !== asked.get('password'))
    return undefined;
  return {
    sub: person.username,
    azp: 'assent-pages',
    preferred_username: person.username,
    scope: 'profile',
    realm_access: { roles: person.realmRoles },
  };
}

const [what, given] = process.argv.slice(2);
const RUN = { database: runDatabase, provider: runProvider };
if (!Object.hasOwn(RUN, what ?? '') || given === undefined) {
  process.stderr.write(HELP);
  process.exit(2);
}
const folder = resolve(given);
// PostgreSQL's files are in there, and it runs as another user where this one is root
mkdirSync(folder, { recursive: true, mode: 0o711 });
await RUN[what](folder);
