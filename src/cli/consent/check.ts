/** `import --dry-run`: checks a file without the server. In a file of its own, since it takes time to load. */
import { toldOf } from '../../consent/transfer/import-refusals.js';
import { rowOf } from '../../consent/transfer/import-row.js';
import { Progress } from './progress.js';
import type { Reject, Rejects } from './rejects.js';
import type { RowFile } from './rows.js';
import { jsonOf } from '../../json.js';
import { endDry } from './summary.js';

/** Checks a file and says what was found. @returns the exit code */
export async function checkFile(file: RowFile, rejects: Rejects): Promise<number> {
  const progress = new Progress('rows');
  const reasons = new Map<string, number>();
  const now = Date.now();
  let line = 0;
  let refused = 0;
  let withoutNotice = 0;
  rejects.goOnFrom(0, []);
  for await (const lines of file.lines(0)) {
    const found: Reject[] = [];
    for (const text of lines) {
      line++;
      const row = rowOf(jsonOf(text), now);
      if (typeof row !== 'string') {
        if (row.said?.choice === 'granted' && row.said.notice === undefined) withoutNotice++;
        continue;
      }
      const { reason, error } = toldOf(row);
      found.push({ line, reason, error });
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
    refused += found.length;
    rejects.add(found);
    progress.at(line, file.size === undefined ? undefined : file.bytes / file.size);
  }
  progress.clear();
  return endDry({ inOrder: line - refused, reasons, withoutNotice }, rejects);
}
