/** Copies of the list of erasures, in other folders. */
import { constants, open, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ALSO_BEFORE, ENDING, ErasureList, KEY } from '../../consent/log/erased/erasure-list.js';
import { makeFolder, whereMissing } from '../../disk.js';
import { UNFINISHED, makeOnce } from '../../durable.js';

/** What a list of erasures has. */
export type ErasuresHeld = {
  readonly name: string;
  readonly entries: number;
  /** When the last one was entered, and since when the list has all; in milliseconds since the Unix epoch. */
  readonly last: number | undefined;
  readonly from: number | undefined;
};

/** @throws Error with a message for people when there is no list in the folder, or a line of it is not as it was written */
export async function erasuresIn(folder: string): Promise<ErasuresHeld> {
  const list = await ErasureList.open({ folder, mayBegin: false });
  if (list === undefined)
    throw new Error(
      `there is no list of erasures in \`${folder}\`: name the folder that the service has as ERASURES_DIR`,
    );
  const { name, entries, keptFrom } = list;
  await list.close();
  return {
    name,
    entries: entries.length,
    last: entries.length === 0 ? undefined : entries.reduce((latest, { at }) => Math.max(latest, at), 0),
    from: Number.isFinite(keptFrom) ? keptFrom : undefined,
  };
}

/**
 * Brings a copy of a list up to date, or begins one; the service may enter people meanwhile. What is only in the copy stays.
 * If it is killed, it is done again.
 *
 * @param into a folder that is missing or empty, or has a copy of the same list
 * @throws Error with a message for people, when it has something else; the system's error
 */
export async function copyErasures(folder: string, into: string): Promise<void> {
  const { name } = await erasuresIn(folder);
  makeFolder(into, 0o700);
  if ((await readdir(into)).some((one) => !UNFINISHED.test(one))) {
    const there = await erasuresIn(into);
    if (there.name !== name)
      throw new Error(
        `\`${into}\` has the list of erasures \`${there.name}\`, and \`${folder}\` is \`${name}\`: name another folder`,
      );
  }
  const entries = await readdir(folder, { withFileTypes: true });
  // the key first: without it a folder with entries is none
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map(({ name: file }) => file)
    // what a person has said of one restore of one database
    .filter((file) => file !== ALSO_BEFORE && !UNFINISHED.test(file))
    .toSorted((one, other) => Number(other === KEY) - Number(one === KEY));
  for (const file of files) {
    const bytes = await readFile(join(folder, file)).catch(whereMissing(Buffer.alloc(0)));
    // a line without its end is being written
    const whole = file.endsWith(ENDING) ? bytes.subarray(0, bytes.lastIndexOf('\n') + 1) : bytes;
    await bringUpTo(join(into, file), whole);
  }
}

/** Makes a file have these bytes, where it has fewer: a file of the list only ever grows. */
async function bringUpTo(path: string, bytes: Buffer): Promise<void> {
  const there = await readFile(path).catch(whereMissing(undefined));
  // another copy may be made at the same time
  if (there === undefined) return (await makeOnce(path, bytes)) ? undefined : bringUpTo(path, bytes);
  if (there.length >= bytes.length) return;
  if (!there.equals(bytes.subarray(0, there.length)))
    throw new Error(
      `\`${path}\` begins otherwise than the file that is to be copied there: name another folder`,
    );
  // never another file in its place, as a process may be writing to it, nor where a link leads
  const file = await open(path, constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW);
  try {
    await file.appendFile(bytes.subarray(there.length));
    await file.sync();
  } finally {
    await file.close();
  }
}
