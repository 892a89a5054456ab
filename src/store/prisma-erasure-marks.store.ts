import {
  ErasureMarkStore,
  type ListOfDatabase,
  type ListedErasure,
  type UserSince,
} from '../consent/log/erased/erasure-marks.store.js';
import type { Database } from './database/database.js';
import { refusedOn } from './postgres/database-refusal.js';
import { Subjects } from './subjects.js';

/** Entries in one statement. */
const AT_ONCE = 5_000;

/** What PostgreSQL, embedded or on a server, knows of the list of erasures. */
export class PrismaErasureMarkStore extends ErasureMarkStore {
  private readonly subjects: Subjects;

  constructor(private readonly database: Database) {
    super();
    this.subjects = new Subjects(database);
  }

  async list(): Promise<ListOfDatabase | undefined> {
    const row = await this.database.prisma.erasureList.findUnique({ where: { id: 1 } }).catch(refused);
    return row === null ? undefined : { name: row.name, tendedAt: Number(row.tendedAt) };
  }

  async setList(name: string, former: string | undefined): Promise<void> {
    const { erasureList, erasureListed } = this.database.prisma;
    if (former === undefined)
      return void (await erasureList.createMany({ data: [{ name }], skipDuplicates: true }).catch(refused));
    await erasureListed.deleteMany().catch(refused);
    await erasureList.updateMany({ where: { name: former }, data: { name } }).catch(refused);
  }

  async followed(): Promise<readonly ListedErasure[]> {
    const rows = await this.database.prisma.erasureListed.findMany().catch(refused);
    return rows.map(({ id, at }) => ({ id, at: Number(at) }));
  }

  async follow(entries: readonly ListedErasure[]): Promise<void> {
    for (let from = 0; from < entries.length; from += AT_ONCE) {
      const data = entries.slice(from, from + AT_ONCE).map(({ id, at }) => ({ id, at: BigInt(at) }));
      await this.database.prisma.erasureListed.createMany({ data, skipDuplicates: true }).catch(refused);
    }
  }

  async tend(at: number): Promise<void> {
    const before = { tendedAt: { lt: BigInt(at) } };
    await this.database.prisma.erasureList
      .updateMany({ where: before, data: { tendedAt: BigInt(at) } })
      .catch(refused);
  }

  async letGo(before: number): Promise<void> {
    await this.database.prisma.erasureListed
      .deleteMany({ where: { at: { lt: BigInt(before) } } })
      .catch(refused);
  }

  users(after: number, limit: number): Promise<readonly UserSince[]> {
    return this.subjects.since(after, limit);
  }
}

const refused = refusedOn('the list of erasures');
