import { publicationHashAfter } from '../../consent/log/chain.js';
import { refusedOn } from '../postgres/database-refusal.js';
import { encodeForgetting } from './event-content.js';
import { Prisma, type PrismaClient } from '../generated/client.js';
import { type LogHead, type SealedHead, headOf } from './log-head.js';
import { readPublication } from './policy-row.js';
import { SealedBlock } from './sealed-block.js';
import type { StoreKey } from './store-key.js';

/** Revisions in one record, for a log that has forgotten much. */
const REVISIONS_A_RECORD = 10_000;

/**
 * Adopts a new log, or one from a build that sealed no head: chains its publications, records past deletions, and seals
 * its head.
 *
 * @param key of the database from then on
 */
export async function adoptLog(prisma: PrismaClient, head: LogHead, key: StoreKey): Promise<void> {
  const row = await prisma.consentHead.findUniqueOrThrow({ where: { id: 1 } }).catch(refused);
  const before: SealedHead = {
    ...headOf(row),
    key,
    publications: headOf({ ...row, publications: Buffer.alloc(0) }).publications,
  };
  let { publications } = before;
  const stored = await prisma.policyPublication.findMany({ orderBy: { sequence: 'asc' } }).catch(refused);
  for (const publication of stored) {
    publications = publicationHashAfter(publications, readPublication(publication));
    await prisma.policyPublication
      .update({
        where: { sequence: publication.sequence },
        data: { hash: new Uint8Array(publications) },
      })
      .catch(refused);
  }
  const forgotten = await prisma.consentEvent
    .findMany({
      where: { content: null },
      select: { revision: true },
      orderBy: { revision: 'asc' },
    })
    .catch(refused);
  const block = new SealedBlock(before, 1);
  for (let at = 0; at < forgotten.length; at += REVISIONS_A_RECORD) {
    const revisions = forgotten.slice(at, at + REVISIONS_A_RECORD).map(({ revision }) => Number(revision));
    block.add(0, await lastTime(prisma), 'retention', encodeForgetting(revisions));
  }
  const after = { ...before, ...block.last, publications };
  await prisma.$executeRaw`
    WITH head AS (
      UPDATE consent_head SET ${head.columns(after)}, key_check = ${key.check} WHERE id = 1 RETURNING revision
    )${forgotten.length === 0 ? Prisma.empty : Prisma.sql`, ${block.insertion}`}
    SELECT true FROM head`.catch(refused);
}

/** Times of the log never go back. */
async function lastTime(prisma: PrismaClient): Promise<number> {
  const last = await prisma.consentEvent
    .findFirst({ orderBy: { revision: 'desc' }, select: { at: true } })
    .catch(refused);
  return Number(last?.at ?? 0);
}

const refused = refusedOn('the consent log');
