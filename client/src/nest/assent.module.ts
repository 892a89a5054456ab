import {
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, MetadataScanner } from '@nestjs/core';
import { Assent, type Settings, createAssent } from '../assent.js';
import { faultsOf } from './handlers.js';

export type AssentModuleOptions = (
  | { /** A client, which its owner closes. */ readonly assent: Assent }
  | { /** Of a client, which is closed with the application. */ readonly settings: Settings }
) & {
  /** Whether a handler that names no purpose keeps the application from starting; it does not by default. */
  readonly requirePurpose?: boolean;
};

const OPTIONS = Symbol('options of AssentModule');

/** Guards and masks the handlers that declare what data they use. `Assent` can be injected everywhere. */
@Module({})
export class AssentModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(OPTIONS) private readonly options: AssentModuleOptions,
    @Inject(Assent) private readonly assent: Assent,
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(MetadataScanner) private readonly scanner: MetadataScanner,
  ) {}

  /** @throws TypeError in words when the settings cannot work */
  static forRoot(options: AssentModuleOptions): DynamicModule {
    const assent = 'assent' in options ? options.assent : createAssent(options.settings);
    return {
      module: AssentModule,
      global: true,
      imports: [DiscoveryModule],
      providers: [
        { provide: OPTIONS, useValue: options },
        { provide: Assent, useValue: assent },
      ],
      exports: [Assent],
    };
  }

  /** @throws Error which lists the handlers that do not say what they must */
  onModuleInit(): void {
    const faults = faultsOf(this.discovery, this.scanner, this.options.requirePurpose === true);
    if (faults.length > 0) throw new Error(`handlers do not say how they use data:\n${faults.join('\n')}`);
  }

  onApplicationShutdown(): void {
    if ('settings' in this.options) this.assent.close();
  }
}
