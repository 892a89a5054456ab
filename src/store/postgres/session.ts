/** One connection to the server with its own state, which is reopened when it breaks. */
import type { Client } from 'pg';
import { type Link, clientOf, connect } from './cannot-connect.js';
import { refusedOn } from './database-refusal.js';

const AGAIN_MS = { first: 100, most: 5_000 };

export class Session {
  private client: Client | undefined;
  private connecting: Promise<Client> | undefined;
  private readonly begun: (() => void)[] = [];
  private readonly notified: ((payload: string) => void)[] = [];
  private wait = AGAIN_MS.first;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  private wasOpen = false;

  /** @param begin sets the state of each new connection */
  constructor(
    private readonly link: Link,
    private readonly begin: (client: Client) => Promise<void>,
  ) {}

  /** @throws Error when it cannot connect; what giving the connection its state throws */
  async open(): Promise<void> {
    await this.connected();
  }

  /** Calls back for each new connection after the first. */
  onBegun(listener: () => void): void {
    this.begun.push(listener);
  }

  onNotification(listener: (payload: string) => void): void {
    this.notified.push(listener);
  }

  async query<Row extends object>(text: string, values: readonly unknown[] = []) {
    const client = await this.connected();
    return client.query<Row>(text, [...values]).catch(refused);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.client?.end().catch(() => undefined);
  }

  private connected(): Promise<Client> {
    if (this.closed) return Promise.reject(new Error('the connection was closed'));
    if (this.client !== undefined) return Promise.resolve(this.client);
    this.connecting ??= this.connect().finally(() => (this.connecting = undefined));
    return this.connecting;
  }

  private async connect(): Promise<Client> {
    const client = clientOf(this.link);
    client.on('error', () => this.broke(client));
    client.on('end', () => this.broke(client));
    client.on('notification', ({ payload = '' }) => {
      for (const listener of this.notified) listener(payload);
    });
    try {
      await connect(client, this.link, this.wasOpen);
      await this.begin(client);
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
    this.client = client;
    this.wasOpen = true;
    this.wait = AGAIN_MS.first;
    return client;
  }

  private broke(client: Client): void {
    if (this.client !== client) return;
    this.client = undefined;
    // pending work must not wait for ever
    void client.end().catch(() => undefined);
    this.again();
  }

  private again(): void {
    if (this.closed) return;
    this.timer = setTimeout(() => {
      this.connected().then(
        () => this.begun.forEach((listener) => listener()),
        () => this.again(),
      );
    }, this.wait).unref();
    this.wait = Math.min(2 * this.wait, AGAIN_MS.most);
  }
}

const refused = refusedOn('the processes that share it');
