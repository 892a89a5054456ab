/** Files given to commands by name, and the errors for missing ones. */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { diskFaultOf, isMissing } from '../disk.js';
import { readText } from '../text.js';
import { UsageError } from './terminal.js';

/** To be called before the work. @throws UsageError when the folder of the output file does not exist */
export function mustHaveFolder(file: string): void {
  const folder = dirname(file);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new UsageError(`there is no folder \`${folder}\` for \`${file}\`: make it, or name another`);
}

/**
 * The text of a file.
 *
 * @throws UsageError when it does not exist; Error, with a message for people, when it cannot be read
 */
export async function readNamed(file: string): Promise<string> {
  try {
    return await readText(file);
  } catch (error) {
    if (isMissing(error)) throw new UsageError(`there is no file \`${file}\``);
    const fault = diskFaultOf(error);
    throw fault === undefined ? error : new Error(`\`${file}\` cannot be read: ${fault}`, { cause: error });
  }
}
