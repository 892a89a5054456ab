/** What is written for those who run the service says what the service takes: the trial on one machine, and the chart. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { ROLES } from '../../src/access/policy-permissions.js';
import { VARIABLES, readConfig } from '../../src/config.js';
import { SCOPES } from '../../src/decision/policy.js';
import { memberOf } from '../../src/json.js';
import { SECRETS } from '../../src/secrets.js';
import { REFERENCE } from '../reference-policy.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CHART = join(ROOT, 'deploy/helm/assent');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, name) => memberOf(inner, name), value);
}

function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const list = at(value, ...path);
  if (!Array.isArray(list)) throw new Error(`there is no list at ${path.join('.')}`);
  return list;
}

function named(list: readonly unknown[], name: string): unknown {
  return list.find((one) => memberOf(one, 'name') === name);
}

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

  it('has Prometheus ask where the service tells', () => {
    const [job] = listAt(parse(read('deploy/prometheus/compose.yaml')), 'scrape_configs');
    const port = at(compose, 'services', 'assent', 'environment', 'METRICS_PORT');
    const [alias] = listAt(compose, 'services', 'keycloak', 'networks', 'default', 'aliases');
    expect(listAt(job, 'static_configs').flatMap((some) => listAt(some, 'targets'))).toEqual([
      `${String(alias)}:${String(port)}`,
    ]);
  });
});

describe('the chart', () => {
  const values: unknown = parse(read('deploy/helm/assent/values.yaml'));
  const isFit = new Ajv({ strict: false }).compile(
    Object(JSON.parse(read('deploy/helm/assent/values.schema.json'))),
  );
  const MUST = {
    publicUrl: 'https://assent.example',
    identity: { provider: 'keycloak', issuer: 'https://id.example/realms/acme', audience: 'assent' },
  };
  const templates = readdirSync(join(CHART, 'templates'))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => read(`deploy/helm/assent/templates/${file}`))
    .join('\n');

  it('takes its own values once what must be set is set, and refuses them before', () => {
    expect(isFit(values)).toBe(false);
    expect([isFit({ ...Object(values), ...MUST }), isFit.errors]).toEqual([true, null]);
  });

  it('takes no secret as a value, and no setting that another value makes', () => {
    const set = [...templates.matchAll(/\bname: ([A-Z][A-Z0-9_]+)\b/g)].map(([, name = '']) => name);
    for (const name of [...set, ...SECRETS])
      expect(isFit({ ...Object(values), ...MUST, settings: { [name]: 'x' } }), name).toBe(false);
    expect(isFit({ ...Object(values), ...MUST, settings: { LOG_LEVEL: 'warn' } })).toBe(true);
    expect(set.filter((name) => !Object.hasOwn(VARIABLES, name))).toEqual([]);
    expect(set.length).toBeGreaterThan(10);
  });

  it('has each value that its templates ask for, and asks for each that it has', () => {
    const asked = new Set([...templates.matchAll(/\.Values\.(\w+)/g)].map(([, name = '']) => name));
    const helpers = read('deploy/helm/assent/templates/_helpers.tpl').matchAll(/\.Values\.(\w+)/g);
    for (const [, name = ''] of helpers) asked.add(name);
    expect([...asked].toSorted()).toEqual(Object.keys(Object(values)).toSorted());
  });
});

const run = promisify(execFile);
const helm = await run('helm', ['version']).then(
  () => true,
  () => false,
);

describe.skipIf(!helm)(`the chart, by helm${helm ? '' : ' (skipped: it is not installed)'}`, () => {
  const must = [
    '--set=publicUrl=https://assent.example',
    '--set=identity.issuer=https://id.example',
    '--set=identity.audience=assent',
  ];
  let made: readonly unknown[] = [];
  const template = async (...more: string[]) => {
    const { stdout } = await run('helm', ['template', 'try', CHART, ...must, ...more]);
    return parseAllDocuments(stdout).map((document): unknown => document.toJS());
  };
  const ofKind = (kind: string) => made.filter((one) => memberOf(one, 'kind') === kind);
  beforeAll(async () => {
    made = await template();
  });

  it('finds nothing to object to', async () => {
    expect((await run('helm', ['lint', '--strict', CHART, ...must])).stdout).toContain('0 chart(s) failed');
  });

  it('makes three processes, of which one at most is taken away, and that have time to drain', () => {
    const [set] = ofKind('StatefulSet');
    expect(at(set, 'spec', 'replicas')).toBe(3);
    const [budget] = ofKind('PodDisruptionBudget');
    expect(at(budget, 'spec', 'maxUnavailable')).toBe(1);
    const [container] = listAt(set, 'spec', 'template', 'spec', 'containers');
    const drain = Number(at(named(listAt(container, 'env'), 'DRAIN_SECONDS'), 'value'));
    const grace = Number(at(set, 'spec', 'template', 'spec', 'terminationGracePeriodSeconds'));
    expect(grace).toBeGreaterThan(drain + 15);
    expect(at(container, 'livenessProbe', 'httpGet', 'path')).toBe('/health/live');
    expect(at(container, 'securityContext', 'readOnlyRootFilesystem')).toBe(true);
  });

  it('scales and is watched only where that is wanted, and lets nobody at the metrics before', async () => {
    expect([...ofKind('HorizontalPodAutoscaler'), ...ofKind('ServiceMonitor')]).toEqual([]);
    const [policy] = ofKind('NetworkPolicy');
    expect(listAt(policy, 'spec', 'ingress').flatMap((rule) => listAt(rule, 'ports'))).toEqual([
      { protocol: 'TCP', port: 'service' },
    ]);
    const more = await template(
      '--set=autoscaling.enabled=true',
      '--set=metrics.serviceMonitor.enabled=true',
      '--set=tls.secret=certificate',
    );
    const kinds = more.map((one) => memberOf(one, 'kind'));
    expect(kinds).toEqual(expect.arrayContaining(['HorizontalPodAutoscaler', 'ServiceMonitor']));
    const set = more.find((one) => memberOf(one, 'kind') === 'StatefulSet');
    expect(at(set, 'spec', 'replicas')).toBeUndefined();
    const [container] = listAt(set, 'spec', 'template', 'spec', 'containers');
    expect(at(container, 'readinessProbe', 'httpGet', 'scheme')).toBe('HTTPS');
  });

  it('refuses to be installed without what must be set', async () => {
    await expect(run('helm', ['template', 'try', CHART])).rejects.toThrow(/publicUrl/);
  });
});
