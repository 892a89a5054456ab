import { randomUUID } from 'node:crypto';
import { renameSync } from 'node:fs';
import {
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockFolder } from '../../store/postgres/folder-lock.js';
import { type BackupFrom, createBackup } from './create.js';
import { restoreBackup } from './restore.js';

/** Everything is in it. */
let folder: string;
/** Where backups are made and restored. */
let place: string;
let from: BackupFrom & { readonly keyFile: string };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assent-'));
  place = join(folder, 'place');
  from = {
    dataDir: join(folder, 'data'),
    recordDir: join(folder, 'data/record'),
    parquetDir: join(folder, 'data/record/parquet'),
    keyFile: join(folder, 'key'),
  };
  await mkdir(join(from.dataDir, 'postgres'), { recursive: true });
  await mkdir(place, { mode: 0o755 });
  await writeFile(join(from.dataDir, 'postgres/PG_VERSION'), '17\n');
  await writeFile(from.keyFile, 'the key', { mode: 0o400 });
});
afterEach(() => rm(folder, { recursive: true }));

const create = (into = 'copy') => createBackup(from, join(place, into), () => undefined);
const restore = (into = 'restored') =>
  restoreBackup(join(place, 'copy'), join(place, into), undefined, () => undefined);

it.each([
  ['made', create, 'unfinished'],
  ['restored', restore, 'restoring'],
] as const)(
  'where a backup is %s, nothing is followed or emptied that others put there',
  async (_what, work, ending) => {
    await create();
    const elsewhere = join(folder, 'elsewhere');
    await mkdir(elsewhere);
    await writeFile(join(elsewhere, 'file'), 'of somebody');
    for (const end of [ending, `unfinished.${randomUUID()}`])
      await symlink(elsewhere, join(place, `target.${end}`));
    const open = join(place, `target.unfinished.${randomUUID()}`);
    await mkdir(open);
    await chmod(open, 0o755);
    await work('target');
    expect(await readdir(elsewhere)).toEqual(['file']);
    expect(await readdir(open)).toEqual([]);
    const target = await stat(join(place, 'target'));
    expect([target.isDirectory(), target.mode & 0o777]).toEqual([true, 0o700]);
  },
);

it.each([
  ['a link', (target: string) => symlink('nowhere', target)],
  ['no folder', (target: string) => writeFile(target, '')],
  ['not empty', (target: string) => mkdir(join(target, 'one'), { recursive: true })],
])('a target that is %s is refused before anything is copied', async (what, put) => {
  await create();
  await put(join(place, 'target'));
  const before = await readdir(place);
  const steps: unknown[] = [];
  const refusal = `/place/target\` is ${what}: name a new folder`;
  await expect(createBackup(from, join(place, 'target'), (step) => steps.push(step))).rejects.toThrow(
    refusal,
  );
  const restoring = restoreBackup(join(place, 'copy'), join(place, 'target'), undefined, (one) =>
    steps.push(one),
  );
  await expect(restoring).rejects.toThrow(refusal);
  expect(steps).toEqual([]);
  expect(await readdir(place)).toEqual(before);
});

it('a restore that finds a file altered leaves nothing', async () => {
  await create();
  await appendFile(join(place, 'copy/postgres/PG_VERSION'), ' ');
  await expect(restore()).rejects.toThrow('is not as it was written');
  expect(await readdir(place)).toEqual(['copy']);
});

it('of two that make one folder one is told so, and leaves nothing', async () => {
  await create();
  const outcomes = await Promise.allSettled([restore(), restore()]);
  const [refusal, ...more] = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  expect([String(refusal), more]).toEqual([expect.stringContaining('/restored` is not empty'), []]);
  expect((await readdir(place)).toSorted()).toEqual(['copy', 'restored']);
});

it('what whoever was killed has left is removed, and what another process makes stays', async () => {
  const begun = (name: string) => `${name}.unfinished.${randomUUID()}`;
  const [left, live, ofAnother] = [begun('copy'), begun('copy'), begun('copy2')];
  // a copy that somebody called so
  const finished = `copy.${randomUUID()}`;
  for (const name of [left, live, ofAnother, finished]) await mkdir(join(place, name), { mode: 0o700 });
  await writeFile(join(place, left, 'people'), 'personal');
  const lock = lockFolder(join(place, live));
  try {
    await create();
  } finally {
    lock.release();
  }
  expect((await readdir(place)).toSorted()).toEqual(['copy', live, ofAnother, finished].toSorted());
});

it('is made where not everybody can put another folder in its place', async () => {
  await chmod(place, 0o777);
  await mkdir(join(place, 'in'));
  for (const into of ['copy', 'in/copy'])
    await expect(create(into)).rejects.toThrow(
      `every user of this machine can rename what is in \`${place}\``,
    );
  await chmod(place, 0o1777);
  await expect(create('in/copy')).resolves.toBeDefined();
});

it('the key in a backup is the one that its database was sealed with, whatever takes that away later', async () => {
  const next = join(folder, 'next');
  await writeFile(next, 'the next key');
  await createBackup(from, join(place, 'copy'), (step) => {
    if (step === 'copying the record') renameSync(next, from.keyFile);
  });
  expect(await readFile(join(place, 'copy/key'), 'utf8')).toBe('the key');
});
