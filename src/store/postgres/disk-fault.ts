/** Why files cannot be read or written: what the system says of them, in words that say what to do. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** By the codes of the system (errno(3)). None of them says that what is on the disk is damaged. */
const FAULTS: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'the disk is full: free some space, and start again'],
  ['EDQUOT', 'the disk quota is used up: raise it or free some space, and start again'],
  ['EROFS', 'the file system is mounted for reading only: mount it for writing, and start again'],
  ['EACCES', 'this user may not use it: give the user of the process the right to, and start again'],
  ['EPERM', 'this user may not use it: give the user of the process the right to, and start again'],
  ['ENOTDIR', 'its path leads through a file: name a folder'],
  ['EMFILE', 'this process may open no more files: raise its limit, and start again'],
  ['ENFILE', 'the machine has too many files open: close some, or raise its limit'],
  ['ENOMEM', 'the machine has no memory left: free some, and start again'],
  ['EIO', 'the disk reports an error: look at the disk before anything else is written to it'],
]);

/** What the system said of a file, as far as it is known what that means. */
export function diskFaultOf(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const fault = 'code' in cause && typeof cause.code === 'string' ? FAULTS.get(cause.code) : undefined;
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** More than what the embedded database writes at a start before it notices. */
const PROBE_BYTES = 1_048_576;

/** Finds out by writing beside a folder whether the disk is what is at fault. The embedded database does not say. */
export async function diskFaultAt(folder: string): Promise<string | undefined> {
  const file = join(dirname(folder), 'probe');
  try {
    await mkdir(dirname(folder), { recursive: true });
    await writeFile(file, Buffer.alloc(PROBE_BYTES), { flush: true });
    return undefined;
  } catch (error) {
    return diskFaultOf(error);
  } finally {
    await rm(file, { force: true });
  }
}
