/** The logs of a folder of the record: one of its blocks, and one of the consent log. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Config } from '../../config.js';
import { HeadKeys } from '../../consent/receipts/head-keys.js';
import { ReceiptKeys } from '../../consent/receipts/receipt-keys.js';
import { ConsentLeaves } from '../../consent/upkeep/consent-leaves.js';
import { HEADS, type LogName } from '../../record/proof/heads.js';
import { RecordLeaves } from '../../record/proof/record-leaves.js';
import type { Database } from '../../store/database/database.js';
import { PrismaConsentStore } from '../../store/prisma-consent.store.js';
import { PrismaReceiptKeyStore } from '../../store/prisma-receipt-keys.store.js';
import { DAY_MS, SECOND_MS } from '../../time.js';
import type { Chore } from '../../work/chores.js';
import type { ChoreLog } from '../../work/chore-log.js';
import { Sealing } from './sealing.js';

/** A log that is signed, and whether nothing more of it can be; `undefined`: another process signs. */
export type SigningNews = readonly [log: LogName, hasStopped: boolean | undefined];

export function sealingChores(
  config: Config,
  database: Database,
  log: ChoreLog,
  onSigning: (news: SigningNews) => void,
): Chore[] {
  const { record, checkpointSeconds, checkpointDir, receiptKeyDays } = config;
  const keys = new ReceiptKeys(
    new PrismaReceiptKeyStore(database, database.vault),
    receiptKeyDays * DAY_MS,
    Date.now,
    (kid, error) =>
      log.warn({ kid, err: error }, 'the key of receipts cannot be opened: a new one takes its place'),
  );
  const settingsOf = (name: LogName, id: string) => ({
    folder: join(record.folder, HEADS, name),
    ...(checkpointDir === undefined ? {} : { copies: join(checkpointDir, name) }),
    newOrigin: originOf(config.publicUrl, name, id),
  });
  const choreOf = (name: string, sealing: Sealing): Chore => ({
    name,
    restMs: checkpointSeconds * SECOND_MS,
    restsFirst: true,
    isDoneAtTheClose: true,
    run: (signal) => sealing.run(signal),
  });
  const keysOf = (origin: string) => new HeadKeys(keys, origin);
  const onTried = (name: LogName) => (hasStopped: boolean | undefined) => onSigning([name, hasStopped]);
  const ofRecord = settingsOf('record', randomBytes(8).toString('hex'));
  const blocks = new RecordLeaves(record.folder, ofRecord.folder, (damage) =>
    log.error({ err: damage }, 'a record cannot be sealed'),
  );
  const entries = new ConsentLeaves(new PrismaConsentStore(database));
  const ofConsent = settingsOf('consent', database.tokens.logName);
  return [
    choreOf('seal the record', new Sealing(ofRecord, blocks, keysOf, log, onTried('record'))),
    choreOf('seal the consent log', new Sealing(ofConsent, entries, keysOf, log, onTried('consent'))),
  ];
}

/** A name that no other log has: a URL without its scheme, as C2SP asks for; it may not have a `+`. */
function originOf(publicUrl: string, name: string, id: string): string {
  const { host, pathname } = new URL(publicUrl);
  return `${host}${pathname.replace(/\/$/, '').replaceAll('+', '%2B')}/${name}/${id}`;
}
