import 'reflect-metadata';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { authenticate, holderOf, recalled } from './access/tokens/authentication.js';
import { type UserAt, authorise } from './access/authorisation.js';
import { DeclaredRoutes } from './access/declared-routes.js';
import { binder } from './access/clients.js';
import { challengeFor } from './access/tokens/challenge.js';
import { AppModule } from './app.module.js';
import { type Config, forWorker, readConfig } from './config.js';
import { heldIn } from './consent/caches/held.js';
import { userOf } from './consent/settings/addressed-user.js';
import { Hearing } from './consent/settings/gpc/hearing.js';
import { snapshotPath } from './consent/upkeep/snapshots/snapshot-file.js';
import { hearSignals } from './consent/settings/gpc/hears-gpc.js';
import { Admission, type SenderOf } from './http/admission/admission.js';
import { Bodies } from './http/admission/bodies.js';
import { Addresses } from './http/addresses.js';
import { announce } from './http/announcing.js';
import { allowOrigins } from './http/cors.js';
import { serveDocumentation } from './http/contract/documentation.js';
import { Ending, onEndSignals } from './http/ending.js';
import { Readiness } from './http/health.controller.js';
import { createLog, exit, nestLogger } from './http/logger.js';
import { listen } from './http/listen.js';
import { isOpen } from './http/open-routes.js';
import { ProblemFilter } from './http/problem.js';
import { DirectRoutes } from './http/direct.js';
import { versionOfPackage } from './http/contract/openapi.js';
import { comeByTlsAlone, createAdapter, prepareServer, requestIds } from './http/server.js';
import { ServerTls, requireCertificates } from './http/tls.js';
import { Traffic } from './http/traffic.js';
import { isLoopback } from './secure-url.js';
import { Room } from './http/waiting.js';
import { DomainError } from './errors.js';
import { reasonOf } from './work/failing.js';
import { serveDiscoveryOf } from './evaluation/discovery.controller.js';
import { DecisionCounts } from './evaluation/decision-counts.js';
import { directEvaluation, directEvaluations } from './evaluation/direct.js';
import { EvaluationService } from './evaluation/evaluation.service.js';
import { Shadow } from './evaluation/shadow.js';
import { Ledger } from './ledger/ledger.js';
import { noteLookups } from './ledger/answers/looks-into.js';
import { metricsOf } from './metrics/metrics.js';
import { serveMetrics } from './metrics/server.js';
import { answerSupervisor } from './metrics/workers.js';
import { serveConsolePage } from './pages/console-page.js';
import { serveSettingsPage } from './pages/settings-page.js';
import { LEAVING_MS, type Parts, openParts } from './parts.js';
import { Publisher } from './publishing/publisher.js';
import { sessionReader } from './sessions/session-hook.js';

/** After this long, a shutdown no longer waits for requests. */
const SHUTDOWN_MS = 10_000;

async function start(config: Config, log: Logger, onHearing: () => void): Promise<void> {
  for (const warning of config.warnings) log.warn(warning);
  // http: is accepted only on loopback addresses
  if (config.oidc !== undefined && config.publicUrl.startsWith('http:'))
    log.warn(
      { public_url: config.publicUrl },
      'callers are told that the service is on their own machine: set PUBLIC_URL to the https URL that they use',
    );
  // until it listens nobody waits for anything. The first process of a container is not ended by a signal that it does not hear
  let leave = async (): Promise<void> => undefined;
  let onSignal = (signal: string): void => {
    log.info({ because: signal }, 'ended at once: it had not started yet');
    setTimeout(() => exit(log, 0), LEAVING_MS);
    void leave().finally(() => exit(log, 0));
  };
  onEndSignals(
    (signal) => onSignal(signal),
    (signal) => {
      log.error({ because: signal }, 'ended at once, by a second signal');
      exit(log, 1);
    },
  );
  onHearing();
  const tls = config.tls && (await ServerTls.of(config.tls, log));
  const parts = await openParts(config, log, (joined) => (leave = () => joined.close()));

  const room = new Room();
  const newId = requestIds();
  const ending = new Ending();
  // requests that are logged, and the last of a closing connection, go through Fastify
  const isDirect = () => !ending.isParting && !log.isLevelEnabled('debug');
  const traffic = config.metrics === undefined ? undefined : new Traffic();
  const direct = new DirectRoutes(room, newId, isDirect, config.bodyLimit, traffic);
  const bind = binder(parts.policies);
  const admission = new Admission(
    config.admission,
    (request) => senderOf(request, parts),
    newId,
    new Bodies(config.bodyLimit),
  );
  const front = { admission, mostConnections: config.admission.connections, tls };
  const adapter = createAdapter(config.bodyLimit, newId, direct, front);
  const addresses = new Addresses();
  addresses.noteThoseOf(adapter.getInstance());
  prepareServer(adapter.getInstance(), log, config.bodyLimit, room, ending);
  traffic?.watch(adapter.getInstance());
  if (tls !== undefined && !isLoopback(new URL(config.publicUrl).hostname))
    comeByTlsAlone(adapter.getInstance());
  if (tls?.isMutual === true) requireCertificates(adapter.getInstance());
  allowOrigins(adapter.getInstance(), config.allowedOrigins);
  const signedIn = sessionReader(adapter.getInstance(), parts.sessions, parts.desk.originOf);
  authenticate(
    adapter.getInstance(),
    parts.verifier,
    config.publicUrl,
    bind,
    (request) => isOpen(request.routeOptions),
    signedIn,
    (request, sender) => admission.countProved(request, sender),
  );
  const userAt: UserAt = (caller, id, action) => userOf(caller, id, action, parts.log.state);
  const routes = new DeclaredRoutes();
  authorise(adapter.getInstance(), isOpen, userAt, routes);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.on(config, parts, log, routes, ending),
    adapter,
    {
      bodyParser: false,
      logger: nestLogger(log),
    },
  );
  app.useGlobalFilters(new ProblemFilter(log, config.bodyLimit, addresses, challengeFor));
  hearSignals(adapter.getInstance(), app.get(Hearing), userAt, parts.log.state);
  noteLookups(adapter.getInstance(), app.get(Ledger));
  const callerOf = ({ authorization }: IncomingHttpHeaders) => {
    const known = recalled(authorization, parts.verifier);
    return known === null ? null : bind(known);
  };
  direct.add('/access/v1/evaluation', directEvaluation(app.get(EvaluationService), callerOf));
  direct.add(
    '/access/v1/evaluations',
    directEvaluations(app.get(EvaluationService), callerOf, (headers, client) =>
      heldIn(headers, client, parts.log.caches),
    ),
  );
  serveDiscoveryOf(adapter.getInstance(), config.publicUrl);
  serveSettingsPage(adapter.getInstance());
  serveConsolePage(adapter.getInstance(), new URL(config.publicUrl).pathname.replace(/\/$/, ''));
  if (config.documentation) serveDocumentation(app, config.publicUrl);

  let isStopping = false;
  const stop = (because: string, exitCode: number) => {
    if (isStopping) return;
    isStopping = true;
    ending.part();
    log.info({ because }, 'stopping: finishing requests');
    setTimeout(() => {
      log.error('requests did not finish in time');
      exit(log, 1);
    }, SHUTDOWN_MS).unref();
    // while they can still be told
    parts.log.caches
      .close()
      .then(() => app.close())
      .then(() => app.get(Publisher).close())
      .then(() => parts.close())
      .then(
        () => {
          log.info('stopped');
          // a client that keeps its connection open must not keep the process
          exit(log, exitCode);
        },
        (error: unknown) => {
          log.error({ err: error }, 'stopping failed');
          exit(log, 1);
        },
      );
  };
  const drain = (signal: string) => {
    ending.drain();
    if (config.drain === 0) return stop(signal, 0);
    log.info({ because: signal, seconds: config.drain / 1_000 }, 'draining: not ready, and still answering');
    // first whoever asks for readiness hears of it, then whoever keeps a connection: one that is silent is closed while
    // whoever just sends on it can still make another
    setTimeout(() => {
      ending.part();
      const { server } = adapter.getInstance();
      setInterval(() => server.closeIdleConnections(), config.drain / 20).unref();
    }, config.drain / 2).unref();
    setTimeout(() => stop(signal, 0), config.drain);
  };
  parts.onLost((reason) => stop(reason.message, 1));

  await app.get(Publisher).wait();
  if (parts.consentStore.fleet !== undefined) app.get(Publisher).watch();
  await app.init();
  if (config.metrics !== undefined && traffic !== undefined) {
    const metrics = metricsOf(
      {
        build: versionOfPackage(),
        decisions: app.get(DecisionCounts),
        traffic,
        waiting: room,
        admission,
        readiness: app.get(Readiness),
        policies: parts.policies,
        log: parts.log,
        publisher: app.get(Publisher),
        shadow: app.get(Shadow),
        verifier: parts.verifier,
        tls,
        record: parts.recordWatch,
        signing: parts.signing,
        vault: parts.vault,
        keeper: parts.keeper,
        snapshotFile: snapshotPath(config.snapshotDir),
        folders: { data: config.dataDir, record: config.record.folder },
        store: {
          head: () => parts.consentStore.head(),
          failedVerifications: () => parts.failedVerifications.all(),
          processes: parts.processStore,
        },
      },
      config.workers === 1 ? undefined : config.worker,
    );
    const onTrouble = (error: unknown) => log.error({ err: error }, 'the metrics could not be read');
    if (config.workers > 1) answerSupervisor(metrics, onTrouble);
    else {
      const url = await serveMetrics(config.metrics, metrics, onTrouble);
      log.info({ metrics: url }, 'metrics are served');
    }
  }
  const url = await listen(adapter.getInstance(), config.host, config.port);
  onSignal = drain;
  const where = { url, mode: config.oidc === undefined ? 'development' : 'production' };
  const documented = config.documentation ? '; documentation at /docs' : '';
  void announce(app.get(Readiness), {
    onReady: () => log.info(where, `ready${documented}`),
    onWaiting: (state) => log.warn({ ...where, ...state }, `listening, but not ready${documented}`),
  });
}

/** As far as it is known without waiting: by the token alone, where there is one. */
function senderOf(request: IncomingMessage, { verifier, sessions }: Parts): ReturnType<SenderOf> {
  const { authorization, cookie } = request.headers;
  if (authorization !== undefined) return holderOf(request, verifier);
  const person = sessions.holderOf(cookie);
  return person && { kind: person.kind, id: person.id, isProved: true };
}

/** A failure of a start: the words for callers say nothing to whoever starts it. */
function forOperators(error: unknown): string {
  const cause = error instanceof DomainError ? (error.cause ?? error) : error;
  return reasonOf(error) ?? (cause instanceof Error ? cause.message : String(cause));
}

/**
 * Starts the service on the settings of an environment. If that fails, reports why and ends the process with code 1.
 *
 * @param worker which of the processes of `WORKERS` this is, from 1
 * @param onHearing called once signals are heard here
 */
export async function run(
  environment: NodeJS.ProcessEnv,
  worker: number,
  onHearing: () => void,
): Promise<void> {
  let log: Logger | undefined;
  try {
    const config = forWorker(readConfig(environment), worker);
    log = createLog(config.logLevel, config.workers === 1 ? undefined : worker);
    await start(config, log, onHearing);
  } catch (error) {
    // for the person who starts the service: the message, not the stack
    process.stderr.write(`assent did not start: ${forOperators(error)}\n`);
    exit(log, 1);
  }
}
