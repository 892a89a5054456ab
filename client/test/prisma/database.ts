/** A PostgreSQL server with databases of the schema beside this file. */
import { readFile } from 'node:fs/promises';
import { PrismaPg } from '@prisma/adapter-pg';
import { Client } from 'pg';
import { type PostgresServer, startPostgres } from '../../../test/contract/postgres-server.js';
import { startSchemaEngine } from '../../../test/contract/schema-engine.js';
import { Prisma, PrismaClient } from './generated/client.js';
import type { Data } from './data.js';

export type Database = {
  readonly url: string;
  readonly prisma: PrismaClient;
  readonly fill: (data: Data) => Promise<void>;
};
export type Databases = {
  /** Makes a database with the tables of a schema. @returns its address */
  readonly create: (name: string, schema: URL) => Promise<string>;
  readonly open: (name: string) => Promise<Database>;
  readonly stop: () => Promise<void>;
};

export async function startDatabases(): Promise<Databases> {
  const server: PostgresServer = await startPostgres();
  const clients: PrismaClient[] = [];
  const create: Databases['create'] = async (name, schema) => {
    const url = await server.createDatabase(name);
    await push(url, await readFile(schema, 'utf8'));
    return url;
  };
  return {
    create,
    open: async (name) => {
      const connectionString = await create(name, new URL('schema.prisma', import.meta.url));
      const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString, max: 2 }) });
      clients.push(prisma);
      return { url: connectionString, prisma, fill: (data) => fill(prisma, data) };
    },
    stop: async () => {
      await Promise.all(clients.map((client) => client.$disconnect()));
      await server.stop();
    },
  };
}

/** Makes the tables, by the script that Prisma writes for them. */
async function push(connectionString: string, content: string): Promise<void> {
  const engine = await startSchemaEngine(new PrismaPg({ connectionString }));
  const { stdout } = await engine.diff({
    from: { tag: 'empty' },
    to: { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content }] },
    script: true,
    exitCode: null,
    filters: { externalEnums: [], externalTables: [] },
  });
  engine.free();
  const client = new Client({ connectionString });
  await client.connect();
  await client.query(stdout ?? '');
  await client.end();
}

/** Puts this in place of all that is there. */
async function fill(prisma: PrismaClient, data: Data): Promise<void> {
  const { users, posts, tags, messages, memberships, orphans } = data;
  await prisma.$executeRaw`TRUNCATE "User", "Post", "Tag", "Message", "Membership", "Orphan" CASCADE`;
  await prisma.user.createMany({
    data: users.map((user) => ({
      ...user,
      mentorId: null,
      partnerId: null,
      profile: user.profile ?? Prisma.DbNull,
    })),
  });
  for (const { id, mentorId, partnerId } of users)
    await prisma.user.update({ where: { id }, data: { mentorId, partnerId } });
  await prisma.tag.createMany({ data: [...tags] });
  for (const { tags: open, secret, ...post } of posts)
    await prisma.post.create({
      data: {
        ...post,
        tags: { connect: open.map((id) => ({ id })) },
        secret: { connect: secret.map((id) => ({ id })) },
      },
    });
  await prisma.message.createMany({ data: [...messages] });
  await prisma.membership.createMany({ data: [...memberships] });
  await prisma.orphan.createMany({ data: [...orphans] });
}
