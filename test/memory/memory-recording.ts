import type { Decision } from '../../src/decision/reasons.js';
import type {
  Asked,
  Person,
  RecordEntry,
  RecordedDecision,
  RecordedDischarge,
  RecordedUsers,
} from '../../src/record/record-entry.js';
import type { Recording } from '../../src/record/recording.js';

/** A record in memory, of which a test can say whether it can be written. */
export class MemoryRecording implements Recording {
  /** What was written. */
  readonly entries: RecordEntry[] = [];
  isAvailable = true;
  /** Whether what is taken down from now on gets written. */
  writes = true;
  private open: { readonly asked: Asked; readonly decisions: RecordedDecision[] } | undefined;
  private unwritten: RecordEntry[] = [];

  begin(asked: Asked): void {
    if (this.open !== undefined) throw new Error('a question began within another');
    this.open = { asked, decisions: [] };
  }

  decision(
    purpose: string,
    field: string,
    level: string | undefined,
    person: Person | undefined,
    { reason, source, obligations }: Decision,
  ): void {
    if (this.open === undefined) throw new Error('a decision without a question');
    this.open.decisions.push({
      purpose,
      field,
      ...(level === undefined ? {} : { level }),
      ...(person === undefined ? {} : { person }),
      reason,
      ...(source === undefined ? {} : { source }),
      obligations,
    });
  }

  end(): void {
    if (this.open === undefined) throw new Error('no question was begun');
    const { asked, decisions } = this.open;
    this.unwritten.push({ ...asked, kind: 'decisions', decisions });
    this.open = undefined;
  }

  takeUsers(asked: Asked, users: RecordedUsers): void {
    this.unwritten.push({ ...asked, kind: 'users', ...users });
  }

  takeDischarge(asked: Asked, discharge: RecordedDischarge): void {
    this.unwritten.push({ ...asked, kind: 'discharge', ...discharge });
  }

  stranger(id: string): Uint8Array {
    return Buffer.from(id.padEnd(16).slice(0, 16));
  }

  settled(_isBinding?: boolean): Promise<boolean> | undefined {
    if (this.unwritten.length === 0) return undefined;
    const { writes, unwritten } = this;
    this.unwritten = [];
    if (writes) this.entries.push(...unwritten);
    return Promise.resolve(writes);
  }
}
