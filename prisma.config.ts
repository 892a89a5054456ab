import { defineConfig } from 'prisma/config';

const url = process.env['DATABASE_URL'];

/**
 * For Prisma's own commands (`prisma migrate deploy`, `prisma migrate diff`), which work against a server.
 * Assent itself does not read this: it applies its migrations when it starts.
 */
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  ...(url === undefined || url === 'embedded' ? {} : { datasource: { url } }),
});
