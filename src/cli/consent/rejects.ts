/** The file of rejected lines: complete and without duplicates, whatever process was killed at any time. */
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { jsonOf } from '../../json.js';
import { Json } from '../server.js';

export type Reject = { readonly line: number; readonly reason: string; readonly error: string };

const FOR_OWNER = { mode: 0o600 };

export class Rejects {
  /** The last line in the file. */
  private last = 0;

  constructor(readonly file: string) {}

  /**
   * Brings the file to the position of the import: later lines, and one that was cut off, are dropped, and missing ones
   * are added.
   *
   * @param lately the last refusals, as the server kept them
   */
  goOnFrom(line: number, lately: readonly Reject[]): void {
    const before = existsSync(this.file) ? readFileSync(this.file, 'utf8') : '';
    this.last = 0;
    const kept = before
      .split('\n')
      .filter((text) => this.isNext(text, line))
      .map((text) => `${text}\n`)
      .join('');
    if (kept !== before) {
      const fresh = `${this.file}.new`;
      writeFileSync(fresh, kept, FOR_OWNER);
      renameSync(fresh, this.file);
    }
    this.add(lately);
  }

  /** In one write: a kill leaves all of them, or only the beginning. */
  add(rejects: readonly Reject[]): void {
    const fresh = rejects.filter(({ line }) => line > this.last);
    if (fresh.length === 0) return;
    appendFileSync(this.file, fresh.map((reject) => `${JSON.stringify(reject)}\n`).join(''), FOR_OWNER);
    this.last = fresh.at(-1)?.line ?? this.last;
  }

  private isNext(text: string, until: number): boolean {
    const line = new Json(jsonOf(text)).at('line').value;
    if (typeof line !== 'number' || line > until || line <= this.last) return false;
    this.last = line;
    return true;
  }
}
