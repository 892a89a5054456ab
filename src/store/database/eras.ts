import { Tokens, drawName } from '../../consent/log/consistency-token.js';
import { refusedOn } from '../postgres/database-refusal.js';
import type { PrismaClient } from '../generated/client.js';

/**
 * Begins an era of the consent log: what is appended from here on is told from what any other opening appended after the
 * same revision, in this database or in a copy of it. The first one names the log.
 *
 * @returns the tokens of the log
 */
export async function beginEra(prisma: PrismaClient): Promise<Tokens> {
  const [name, log] = [drawName(), drawName()].map((bytes) => bytes.toString('base64'));
  await prisma.$executeRaw`
    WITH head AS (
      UPDATE consent_head
      SET log = CASE length(log) WHEN 0 THEN decode(${log}, 'base64') ELSE log END
      WHERE id = 1
      RETURNING revision
    )
    INSERT INTO consent_era (after_revision, name)
    SELECT revision, decode(${name}, 'base64') FROM head
    ON CONFLICT (after_revision) DO UPDATE SET name = excluded.name`.catch(refused);
  const head = await prisma.consentHead.findUniqueOrThrow({ where: { id: 1 } }).catch(refused);
  const eras = await prisma.consentEra.findMany({ orderBy: { afterRevision: 'asc' } }).catch(refused);
  return new Tokens(
    Buffer.from(head.log),
    eras.map((era) => ({ after: Number(era.afterRevision), name: Buffer.from(era.name) })),
  );
}

const refused = refusedOn('the consent log');
