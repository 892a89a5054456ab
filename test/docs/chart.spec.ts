/** The chart for Kubernetes says what the service takes, and Kubernetes takes what it makes. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { VARIABLES, readConfig } from '../../src/config.js';
import { memberOf } from '../../src/json.js';
import { SECRETS } from '../../src/secrets.js';
import { faultsOf } from './kubernetes-objects.js';
import { at, listAt, named } from './members.js';

const CHART = fileURLToPath(new URL('../../deploy/helm/assent', import.meta.url));
const read = (file: string) => readFileSync(join(CHART, file), 'utf8');

describe('the chart', () => {
  const values: unknown = parse(read('values.yaml'));
  const isFit = new Ajv({ strict: false }).compile(Object(JSON.parse(read('values.schema.json'))));
  const MUST = {
    publicUrl: 'https://assent.example',
    identity: {
      provider: 'keycloak',
      issuer: 'https://id.example/realms/acme',
      audience: 'assent',
      file: '',
    },
  };
  const templates = readdirSync(join(CHART, 'templates'))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => read(`templates/${file}`))
    .join('\n');

  it('takes its own values once what must be set is set, and refuses them before', () => {
    expect(isFit(values)).toBe(false);
    expect([isFit({ ...Object(values), ...MUST }), isFit.errors]).toEqual([true, null]);
  });

  it('takes one issuer, or a file of several that is mounted', () => {
    const withFile = {
      ...MUST,
      identity: { provider: 'generic', issuer: '', audience: '', file: '/oidc/issuers.json' },
    };
    expect([isFit({ ...Object(values), ...withFile }), isFit.errors]).toEqual([true, null]);
    for (const [name, wrong] of Object.entries({
      both: { ...MUST, identity: { ...withFile.identity, issuer: MUST.identity.issuer } },
      neither: { ...MUST, identity: { ...withFile.identity, file: '' } },
      'a client of its own': { ...withFile, signIn: { client: 'pages' } },
    }))
      expect(isFit({ ...Object(values), ...wrong }), name).toBe(false);
  });

  it('takes nothing that goes for nothing without another value', () => {
    for (const wrong of [
      { tls: { secret: '', clientAuthorities: 'authorities' } },
      { signIn: { client: '', secret: { name: 'sign-in', key: 'secret' } } },
      { metrics: { enabled: true, port: 3000 } },
      { metrics: { enabled: true, port: 9464, serviceMonitor: { enabled: true, interval: '4s' } } },
      { networkPolicy: { enabled: true, database: { ports: [] } } },
    ])
      expect(isFit({ ...Object(values), ...MUST, ...wrong }), JSON.stringify(wrong)).toBe(false);
  });

  it('takes no secret as a value, and no setting that another value makes', () => {
    const set = [...templates.matchAll(/\bname: ([A-Z][A-Z0-9_]+)\b/g)].map(([, name = '']) => name);
    for (const name of [...set, ...SECRETS])
      expect(isFit({ ...Object(values), ...MUST, settings: { [name]: 'x' } }), name).toBe(false);
    expect(isFit({ ...Object(values), ...MUST, settings: { LOG_LEVEL: 'warn' } })).toBe(true);
    // the last one names the folder of a pod, for Kubernetes
    expect(set.filter((name) => !Object.hasOwn(VARIABLES, name))).toEqual(['POD_NAME']);
    expect(set.length).toBeGreaterThan(10);
  });

  it('has each value that its templates ask for, and asks for each that it has', () => {
    const asked = new Set([...templates.matchAll(/\.Values\.(\w+)/g)].map(([, name = '']) => name));
    const helpers = read('templates/_helpers.tpl').matchAll(/\.Values\.(\w+)/g);
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
  const folder = mkdtempSync(join(tmpdir(), 'assent-chart-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const must = [
    '--set=publicUrl=https://assent.example',
    '--set=identity.issuer=https://id.example',
    '--set=identity.audience=assent',
  ];
  const everything = join(folder, 'everything.json');
  const peers = [{ ipBlock: { cidr: '192.0.2.0/24' } }, { podSelector: { matchLabels: { app: 'proxy' } } }];
  writeFileSync(
    everything,
    JSON.stringify({
      image: { digest: `sha256:${'a'.repeat(64)}` },
      imagePullSecrets: [{ name: 'registry' }],
      signIn: { client: 'pages', secret: { name: 'sign-in' } },
      tls: { secret: 'certificate', clientAuthorities: 'authorities' },
      erasures: { claim: 'erasures' },
      checkpoints: { claim: 'heads' },
      settings: { LOG_LEVEL: 'warn', SNAPSHOT_MINUTES: '20', RECORD_PARQUET_DIR: '/lake' },
      extraVolumes: [{ name: 'lake', persistentVolumeClaim: { claimName: 'lake' } }],
      extraVolumeMounts: [{ name: 'lake', mountPath: '/lake' }],
      storage: { class: 'fast' },
      autoscaling: { enabled: true },
      service: { annotations: { 'example.org/zone': '1' } },
      podAnnotations: { 'example.org/team': 'consent' },
      nodeSelector: { disk: 'ssd' },
      tolerations: [{ key: 'consent', operator: 'Exists', effect: 'NoSchedule' }],
      networkPolicy: {
        from: peers,
        metricsFrom: peers,
        dns: { ports: [53, 5353] },
        database: { ports: [5432], to: peers },
        identity: { ports: [443, 8443], to: peers },
        kms: { ports: [443], to: peers },
        traces: { ports: [4318], to: peers },
      },
      metrics: { serviceMonitor: { enabled: true, labels: { release: 'prometheus' } } },
    }),
  );
  let usual: readonly unknown[] = [];
  let full: readonly unknown[] = [];
  const template = async (...more: string[]) => {
    // a name that YAML takes for something else where it has no quotes
    const { stdout } = await run('helm', ['template', 'null', CHART, ...must, ...more]);
    return parseAllDocuments(stdout).map((document): unknown => document.toJS());
  };
  const ofKind = (made: readonly unknown[], kind: string) =>
    made.filter((one) => memberOf(one, 'kind') === kind);
  beforeAll(async () => {
    [usual, full] = await Promise.all([template(), template(`--values=${everything}`)]);
  });
  /** The pod of the StatefulSet, and its container. */
  const podOf = (made: readonly unknown[]) => {
    const [set] = ofKind(made, 'StatefulSet');
    const pod = at(set, 'spec', 'template', 'spec');
    return { set, pod, container: listAt(pod, 'containers')[0] };
  };
  const namesAt = (...place: Parameters<typeof listAt>) =>
    listAt(...place).map((one) => memberOf(one, 'name'));

  it('finds nothing to object to', async () => {
    expect((await run('helm', ['lint', '--strict', CHART, ...must])).stdout).toContain('0 chart(s) failed');
  });

  it('makes objects that Kubernetes knows, to their last member', () => {
    const made = [...usual, ...full];
    expect(made.map((one) => at(one, 'metadata', 'name'))).toContain('null');
    // that of another project, whose types are not here
    const known = made.filter((one) => memberOf(one, 'apiVersion') !== 'monitoring.coreos.com/v1');
    expect(made.length - known.length).toBe(2);
    expect(faultsOf(known)).toEqual([]);
    const [budget] = ofKind(usual, 'PodDisruptionBudget');
    const { pod, set } = podOf(usual);
    expect(
      faultsOf([
        { ...Object(budget), spec: { maxUnavailble: 1 } },
        {
          ...Object(set),
          spec: { ...Object(at(set, 'spec')), template: { spec: { ...Object(pod), hostPort: 1 } } },
        },
      ]),
    ).toEqual([expect.stringContaining('"maxUnavailble"'), expect.stringContaining('"hostPort"')]);
  });

  it.each(['usual', 'full'])('makes objects that find each other: %s', (which) => {
    const made = which === 'full' ? full : usual;
    const { set, pod, container } = podOf(made);
    const ports = namesAt(container, 'ports');
    const labels = Object(at(set, 'spec', 'template', 'metadata', 'labels'));
    const services = ofKind(made, 'Service');
    expect(services.map((one) => at(one, 'metadata', 'name'))).toContain(at(set, 'spec', 'serviceName'));
    for (const service of services) {
      expect(labels).toMatchObject(Object(at(service, 'spec', 'selector')));
      for (const port of listAt(service, 'spec', 'ports'))
        expect(ports).toContain(memberOf(port, 'targetPort'));
    }
    for (const kind of ['PodDisruptionBudget', 'StatefulSet', 'NetworkPolicy'])
      for (const one of ofKind(made, kind)) {
        const selector = at(one, 'spec', kind === 'NetworkPolicy' ? 'podSelector' : 'selector');
        expect(labels).toMatchObject(Object(at(selector, 'matchLabels')));
      }
    const inward = listAt(ofKind(made, 'NetworkPolicy')[0], 'spec', 'ingress');
    for (const port of inward.flatMap((rule) => listAt(rule, 'ports')))
      expect(ports).toContain(memberOf(port, 'port'));
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'])
      expect(ports).toContain(at(container, probe, 'httpGet', 'port'));
    const volumes = [
      ...namesAt(pod, 'volumes'),
      ...listAt(set, 'spec', 'volumeClaimTemplates').map((one) => at(one, 'metadata', 'name')),
    ];
    expect(new Set(namesAt(container, 'volumeMounts'))).toEqual(new Set(volumes));
    for (const scaler of ofKind(made, 'HorizontalPodAutoscaler'))
      expect(at(scaler, 'spec', 'scaleTargetRef', 'name')).toBe(at(set, 'metadata', 'name'));
    for (const monitor of ofKind(made, 'ServiceMonitor')) {
      const wanted = Object(at(monitor, 'spec', 'selector', 'matchLabels'));
      const watched = services.filter((one) =>
        Object.entries(wanted).every(([name, is]) => at(one, 'metadata', 'labels', name) === is),
      );
      expect(watched).toHaveLength(1);
      const [{ port } = { port: '' }] = listAt(monitor, 'spec', 'endpoints').map(Object);
      expect(namesAt(watched[0], 'spec', 'ports')).toContain(port);
    }
  });

  it.each(['usual', 'full'])(
    'starts a process with settings that it takes, from files that are mounted: %s',
    (which) => {
      const { pod, container } = podOf(which === 'full' ? full : usual);
      const names = namesAt(container, 'env');
      expect(new Set(names).size).toBe(names.length);
      const mounted = listAt(container, 'volumeMounts').map((mount) => {
        const secret = at(named(listAt(pod, 'volumes'), String(memberOf(mount, 'name'))), 'secret');
        // those of kubernetes.io/tls have these two
        const files = Array.isArray(memberOf(secret, 'items'))
          ? listAt(secret, 'items').map((item) => memberOf(item, 'path'))
          : ['tls.crt', 'tls.key'];
        return files.map((file) => `${String(memberOf(mount, 'mountPath'))}/${String(file)}`);
      });
      const secret = join(folder, 'secret');
      writeFileSync(secret, 'postgresql://assent:secret@postgres/assent', { mode: 0o600 });
      const env = listAt(container, 'env').map((one) => {
        const [name, value] = [String(memberOf(one, 'name')), memberOf(one, 'value')];
        if (!name.endsWith('_FILE')) return [name, value];
        expect(mounted.flat()).toContain(value);
        return [name, secret];
      });
      expect(readConfig(Object.fromEntries(env)).warnings).toEqual([]);
    },
  );

  it('makes three processes, of which one at most is taken away, and that have time to drain', () => {
    const { set, pod, container } = podOf(usual);
    expect(at(set, 'spec', 'replicas')).toBe(3);
    const [budget] = ofKind(usual, 'PodDisruptionBudget');
    expect(at(budget, 'spec', 'maxUnavailable')).toBe(1);
    const drain = Number(at(named(listAt(container, 'env'), 'DRAIN_SECONDS'), 'value'));
    expect(at(pod, 'terminationGracePeriodSeconds')).toBeGreaterThan(drain + 10);
    expect(at(container, 'livenessProbe', 'httpGet', 'path')).toBe('/health/live');
  });

  it('gives each a folder of its own for the copies of its signed heads', () => {
    const { container } = podOf(full);
    expect(named(listAt(container, 'volumeMounts'), 'checkpoints')).toEqual({
      name: 'checkpoints',
      mountPath: at(named(listAt(container, 'env'), 'CHECKPOINT_DIR'), 'value'),
      subPathExpr: '$(POD_NAME)',
    });
    expect(at(named(listAt(container, 'env'), 'POD_NAME'), 'valueFrom', 'fieldRef', 'fieldPath')).toBe(
      'metadata.name',
    );
  });

  it('lets them out to where they are told to go, and nowhere else', () => {
    const outward = (made: readonly unknown[]) =>
      listAt(ofKind(made, 'NetworkPolicy')[0], 'spec', 'egress').map((rule) => [
        new Set(listAt(rule, 'ports').map((port) => memberOf(port, 'port'))),
        memberOf(rule, 'to'),
      ]);
    expect(outward(usual)).toEqual([53, 5432, 443].map((port) => [new Set([port]), undefined]));
    expect(outward(full)).toEqual([
      [new Set([53, 5353]), undefined],
      ...[[5432], [443, 8443], [443], [4318]].map((ports) => [new Set(ports), peers]),
    ]);
  });

  it('runs them without rights, on a root that nobody can change', () => {
    const { pod, container } = podOf(usual);
    expect(at(pod, 'automountServiceAccountToken')).toBe(false);
    expect(at(pod, 'securityContext')).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 10001,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(at(container, 'securityContext')).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('scales and is watched only where that is wanted, and lets nobody at the metrics before', () => {
    expect([...ofKind(usual, 'HorizontalPodAutoscaler'), ...ofKind(usual, 'ServiceMonitor')]).toEqual([]);
    const [policy] = ofKind(usual, 'NetworkPolicy');
    expect(listAt(policy, 'spec', 'ingress').flatMap((rule) => listAt(rule, 'ports'))).toEqual([
      { protocol: 'TCP', port: 'service' },
    ]);
    expect([...ofKind(full, 'HorizontalPodAutoscaler'), ...ofKind(full, 'ServiceMonitor')]).toHaveLength(2);
    const { set, container } = podOf(full);
    expect(at(set, 'spec', 'replicas')).toBeUndefined();
    expect(at(container, 'readinessProbe', 'httpGet', 'scheme')).toBe('HTTPS');
  });

  it('gives the operator of Prometheus the alarms as they are tested', () => {
    const rules: unknown = parse(readFileSync(join(CHART, '../../prometheus/rules.yaml'), 'utf8'));
    expect(ofKind(full, 'PrometheusRule').map((one) => memberOf(one, 'spec'))).toEqual([rules]);
    expect(ofKind(usual, 'PrometheusRule')).toEqual([]);
  });

  it('leaves the issuer to a file of several', async () => {
    const { container } = podOf(
      await template('--set=identity.file=/oidc/issuers.json,identity.issuer=,identity.audience='),
    );
    const named = listAt(container, 'env').filter((one) => String(memberOf(one, 'name')).startsWith('OIDC_'));
    expect(named).toEqual([{ name: 'OIDC_FILE', value: '/oidc/issuers.json' }]);
  });

  it('serves at the port of its scheme', () => {
    const portOf = (made: readonly unknown[]) =>
      at(listAt(ofKind(made, 'Service')[0], 'spec', 'ports')[0], 'port');
    expect([portOf(usual), portOf(full)]).toEqual([80, 443]);
  });

  it('refuses to be installed without what must be set, or as what cannot be', async () => {
    await expect(run('helm', ['template', 'try', CHART])).rejects.toThrow(/publicUrl/);
    for (const name of ['1e5', 'a.b'])
      await expect(run('helm', ['template', name, CHART, ...must])).rejects.toThrow(/name of a Service/);
    await expect(template('--set=metrics.serviceMonitor.enabled=true')).rejects.toThrow(/metricsFrom/);
  });
});
