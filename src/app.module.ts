import { type DynamicModule, Module } from '@nestjs/common';
import type { Logger } from 'pino';
import type { Config } from './config.js';
import { ConsentController } from './consent/consent.controller.js';
import { ConsentLog } from './consent/consent-log.js';
import { ConsentService } from './consent/consent.service.js';
import { DiscoveryController, PUBLIC_URL } from './evaluation/discovery.controller.js';
import { EvaluationController } from './evaluation/evaluation.controller.js';
import { EvaluationService } from './evaluation/evaluation.service.js';
import { Search } from './evaluation/search.js';
import { HealthController, Readiness } from './http/health.controller.js';
import { PolicyService } from './policy/policy.service.js';
import { openDatabase } from './store/database.js';
import { PrismaConsentStore } from './store/prisma-consent.store.js';

/** What outlives a request: opened before the server listens, closed after its last answer. */
export type Parts = {
  readonly policies: PolicyService;
  readonly log: ConsentLog;
  /** Calls back once if this process can no longer be the one that writes; from then on it denies, and is to be restarted. */
  readonly onLost: (listener: (reason: Error) => void) => void;
  /** Settles the changes that were taken, then gives the database up. */
  readonly close: () => Promise<void>;
};

/** From this many events on, building the state is worth a progress line. */
const WORTH_A_LINE = 100_000;

/** The one place where ports meet adapters. */
@Module({})
export class AppModule {
  /** Opens everything that the service stands on. Refuses, with the reason, rather than start on half of it. */
  static async open(config: Config, logger: Logger): Promise<Parts> {
    const policies = await PolicyService.load(config.policyDir);
    logger.info({ policy: policies.current.id }, 'policy loaded');

    const database = await openDatabase(config);
    const log = new ConsentLog(new PrismaConsentStore(database), (error) =>
      logger.error({ err: error }, 'the consent log is in trouble: decisions are denied until it is not'),
    );
    try {
      await log.follow((revision, head) => {
        if (head >= WORTH_A_LINE) logger.info({ revision, head }, 'building the consent state');
      });
    } catch (error) {
      await database.close();
      throw error;
    }
    logger.info(
      { storage: database.kind, revision: log.state.revision, users: log.state.size },
      'consent state built',
    );
    const close = async () => {
      await log.close();
      await database.close();
    };
    return { policies, log, onLost: (listener) => log.onLost(listener), close };
  }

  /** The rooms, on parts that are open. */
  static on(config: Config, { policies, log }: Pick<Parts, 'policies' | 'log'>): DynamicModule {
    const consent = new ConsentService(log, policies, Date.now);
    const evaluation = new EvaluationService(policies, consent, config.consistencyWait);
    return {
      module: AppModule,
      controllers: [EvaluationController, DiscoveryController, ConsentController, HealthController],
      providers: [
        { provide: ConsentService, useValue: consent },
        { provide: EvaluationService, useValue: evaluation },
        { provide: Search, useValue: new Search(evaluation, consent) },
        { provide: Readiness, useValue: { parts: () => ({ policy: true, consent: consent.available }) } },
        { provide: PUBLIC_URL, useValue: config.publicUrl },
      ],
    };
  }
}
