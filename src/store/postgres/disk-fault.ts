/** Finds out whether the disk is at fault. */
import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { diskFaultOf, makeFolder } from '../../disk.js';

/** More than the embedded database writes at a start before it fails. */
const PROBE_BYTES = 1_048_576;

/** Finds out by writing beside a folder whether the disk is at fault, which the embedded database does not report. */
export async function diskFaultAt(folder: string): Promise<string | undefined> {
  const file = join(dirname(folder), 'probe');
  try {
    makeFolder(dirname(folder));
    await writeFile(file, Buffer.alloc(PROBE_BYTES), { flush: true });
    return undefined;
  } catch (error) {
    return diskFaultOf(error);
  } finally {
    await rm(file, { force: true });
  }
}
