/** The trial on one machine is set up as the service takes it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROLES } from '../../src/access/policy-permissions.js';
import { readConfig } from '../../src/config.js';
import { SCOPES } from '../../src/decision/policy.js';
import { memberOf } from '../../src/json.js';
import { REFERENCE } from '../reference-policy.js';
import { at, listAt, named } from './members.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

describe('the trial on one machine', () => {
  const compose: unknown = parse(read('docker-compose.yaml'));
  const realm: unknown = JSON.parse(read('deploy/keycloak/realm.json'));
  const folder = mkdtempSync(join(tmpdir(), 'assent-trial-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('has settings that the service takes, of the issuer that the provider is', () => {
    const file = join(folder, 'database-url');
    writeFileSync(file, 'postgresql://assent:secret@postgres/assent\n', { mode: 0o600 });
    const given = Object(at(compose, 'services', 'assent', 'environment'));
    const config = readConfig({ ...given, DATABASE_URL_FILE: file });
    expect(config.warnings).toEqual([]);
    expect(config.oidc?.map(({ issuer }) => issuer)).toEqual([
      `${String(at(compose, 'services', 'keycloak', 'environment', 'KC_HOSTNAME'))}/realms/${String(at(realm, 'realm'))}`,
    ]);
  });

  it('gives each client of the policy its purposes and scopes, and the token the audience of the service', () => {
    const clients = listAt(realm, 'clients');
    const audience = at(compose, 'services', 'assent', 'environment', 'OIDC_AUDIENCE');
    for (const { id, purposes, scopes } of REFERENCE.clients ?? []) {
      const client = clients.find((one) => memberOf(one, 'clientId') === id);
      const mapper = at(named(listAt(client, 'protocolMappers'), 'purposes'), 'config');
      expect(at(mapper, 'claim.name'), id).toBe('purposes');
      expect(JSON.parse(String(at(mapper, 'claim.value'))), id).toEqual(purposes);
      const has = listAt(client, 'defaultClientScopes');
      expect(
        has.filter((scope) => Object.hasOwn(SCOPES, String(scope))),
        id,
      ).toEqual(scopes);
      expect(has, id).toContain('assent');
    }
    const audiences = listAt(named(listAt(realm, 'clientScopes'), 'assent'), 'protocolMappers');
    expect(audiences.map((one) => at(one, 'config', 'included.client.audience'))).toEqual([audience]);
  });

  it('has no scope that is named and not there: Keycloak leaves it out without a word', () => {
    const scopes = new Set(listAt(realm, 'clientScopes').map((scope) => memberOf(scope, 'name')));
    const used = listAt(realm, 'clients').flatMap((client) => listAt(client, 'defaultClientScopes'));
    expect(used.filter((scope) => !scopes.has(scope))).toEqual([]);
    const roles = listAt(realm, 'roles', 'realm').map((role) => memberOf(role, 'name'));
    expect(new Set(roles)).toEqual(new Set(Object.keys(ROLES)));
  });

  it('has people who stay the same when Keycloak is made anew: what they said is kept under their ids', () => {
    const users = listAt(realm, 'users');
    const ids = users.map((one) => memberOf(one, 'id')).filter((id) => typeof id === 'string');
    expect(new Set(ids).size).toBe(users.length);
  });

  it('has Prometheus ask where the service tells', () => {
    const [job] = listAt(parse(read('deploy/prometheus/compose.yaml')), 'scrape_configs');
    const port = at(compose, 'services', 'assent', 'environment', 'METRICS_PORT');
    const [alias] = listAt(compose, 'services', 'keycloak', 'networks', 'default', 'aliases');
    expect(listAt(job, 'static_configs').flatMap((some) => listAt(some, 'targets'))).toEqual([
      `${String(alias)}:${String(port)}`,
    ]);
  });
});
