/** Files beside the segments of a writer, to which lines of JSON are added. */
import { open, readFile } from 'node:fs/promises';
import { whereMissing } from '../../disk.js';
import { jsonOf } from '../../json.js';

/** The line is on the disk when it resolves. @throws the system's error */
export async function noteLine(path: string, value: object): Promise<void> {
  const file = await open(path, 'a', 0o600);
  try {
    // a crash may have left half a line
    await file.appendFile(`\n${JSON.stringify(value)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What the lines say, from the first one on; one that says nothing of the kind is left out. @throws the system's error */
export async function notedIn<T>(path: string, isOfKind: (value: unknown) => value is T): Promise<T[]> {
  const text = await readFile(path, 'utf8').catch(whereMissing(''));
  return text.split('\n').map(jsonOf).filter(isOfKind);
}
