/** The service without its HTTP: what a restart ends, and what outlives it. */
import type { ConsentStore } from '../../../src/consent/log/consent.store.js';
import { UserEvents } from '../../../src/consent/rights/dated-events.js';
import { ConsentState } from '../../../src/decision/state/consent-state.js';
import type { PolicyService, PolicyVersion } from '../../../src/policy/policy.service.js';
import { type House, houseOn } from '../../house.js';
import { MemoryPolicyStore } from '../../memory/memory-policy.store.js';
import { at } from '../arbitraries.js';
import { policiesOn } from '../../at-once.js';

/** Opens the store, again after each restart. */
type Storage = { readonly open: () => Promise<ConsentStore>; readonly close: () => Promise<void> };

export type Rooms = House & { readonly store: ConsentStore; readonly events: UserEvents };

export class Service {
  now: number;
  private snapshot: Buffer | undefined;
  private readonly published: MemoryPolicyStore;

  private constructor(
    readonly policies: PolicyService,
    private readonly storage: Storage,
    private opened: Rooms | undefined,
    start: number,
  ) {
    this.now = start;
    this.published = new MemoryPolicyStore(() => this.opened?.log.state.revision ?? 0);
  }

  static async start(storage: Storage, family: readonly PolicyVersion[], now: number): Promise<Service> {
    const first = at(family, 0);
    const service = new Service(serviceOf(family), storage, undefined, now);
    service.policies.put(first);
    await service.open();
    await service.publish(first);
    return service;
  }

  get rooms(): Rooms {
    if (this.opened === undefined) throw new Error('the service is stopped');
    return this.opened;
  }

  private async open(state?: ConsentState): Promise<void> {
    const { policies, published } = this;
    const store = await this.storage.open();
    const now = () => this.now;
    const kept =
      state === undefined || (await store.erasures(state.revision, 1)).length > 0 ? undefined : state;
    const house = await houseOn(store, policies, now, { state: kept });
    this.opened = { ...house, store, events: new UserEvents(store, published) };
    await house.time.start();
  }

  async close(): Promise<void> {
    const { time, log } = this.rooms;
    await time.close();
    await log.close();
    await this.storage.close();
    this.opened = undefined;
  }

  takeSnapshot(): void {
    const pieces: Buffer[] = [];
    for (const piece of this.rooms.log.state.dump()) pieces.push(Buffer.from(piece));
    this.snapshot = Buffer.concat(pieces);
  }

  /** Stops, is away for a while, and starts again. */
  async restart(fromSnapshot: boolean, away: number): Promise<void> {
    await this.close();
    this.now += away;
    const { snapshot } = this;
    await this.open(
      fromSnapshot && snapshot !== undefined ? ConsentState.restore(sourceOf(snapshot)) : undefined,
    );
  }

  async publish(version: PolicyVersion): Promise<void> {
    const { log, state } = this.rooms;
    const told = { by: 'admin', approvals: [], draft: null, authors: [], message: '', parent: null };
    await this.published.saveVersion({ ...told, id: version.id, document: {}, at: this.now });
    await state.prepare(version);
    await log.betweenChanges(
      this.now,
      async (at) => {
        await this.published.publish({ ...told, version: version.id, at });
        this.policies.put(version);
      },
      async () => undefined,
    );
    await this.rooms.lapses.run();
  }
}

const services = new Map<readonly PolicyVersion[], PolicyService>();

/** Building a version takes longer than a life. */
function serviceOf(family: readonly PolicyVersion[]): PolicyService {
  const known = services.get(family) ?? policiesOn(at(family, 0).document);
  services.set(family, known);
  return known;
}

function sourceOf(bytes: Buffer) {
  let place = 0;
  return {
    get left() {
      return bytes.length - place;
    },
    read: (into: Uint8Array) => {
      into.set(bytes.subarray(place, place + into.length));
      place += into.length;
    },
  };
}
