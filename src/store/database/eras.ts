import { type Era, Tokens, drawName } from '../../consent/log/consistency-token.js';
import { refusedOn } from '../postgres/database-refusal.js';
import type { PrismaClient } from '../generated/client.js';

/**
 * Begins an era of the consent log: it distinguishes the entries from here on from those of any other opening after the
 * same revision, in this database or a copy. The first one names the log.
 */
export async function beginEra(prisma: PrismaClient): Promise<void> {
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
}

/** Names the log, if it has no name yet. @returns the name, in base64url */
export async function nameLog(prisma: PrismaClient): Promise<string> {
  const drawn = drawName().toString('base64');
  const [row] = await prisma.$queryRaw<{ readonly log: Uint8Array }[]>`
    UPDATE consent_head SET log = CASE length(log) WHEN 0 THEN decode(${drawn}, 'base64') ELSE log END
    WHERE id = 1 RETURNING log`.catch(refused);
  return Buffer.from(row?.log ?? []).toString('base64url');
}

/** The tokens of the log, with its current eras. */
export async function tokensOf(prisma: PrismaClient): Promise<Tokens> {
  const tokens = new Tokens(Buffer.alloc(0), []);
  await adoptEras(prisma, tokens);
  return tokens;
}

/** Updates tokens to the current eras. */
export async function adoptEras(prisma: PrismaClient, tokens: Tokens): Promise<void> {
  const head = await prisma.consentHead.findUniqueOrThrow({ where: { id: 1 } }).catch(refused);
  const eras = await prisma.consentEra.findMany({ orderBy: { afterRevision: 'asc' } }).catch(refused);
  tokens.adopt(
    Buffer.from(head.log),
    eras.map(({ afterRevision, name }): Era => ({ after: Number(afterRevision), name: Buffer.from(name) })),
  );
}

const refused = refusedOn('the consent log');
