import {
  AGE_BANDS,
  CHOICES,
  SIGNALS,
  type ChangedBy,
  type ConsentChange,
  type ConsentEvent,
  type NewConsentEvent,
} from '../decision/consent-event.js';

/** A new event as the columns of `consent_event`, without the revision that the log gives it. */
export function toRow({
  user,
  by,
  at,
  change,
}: NewConsentEvent): Readonly<Record<string, string | number | null>> {
  return {
    user_id: user,
    at,
    by_kind: by.kind,
    by_id: by.id,
    kind: change.kind,
    region: change.kind === 'profile' ? change.region : null,
    age_band: change.kind === 'profile' ? change.ageBand : null,
    purpose: change.kind === 'choice' ? change.purpose : null,
    choice: change.kind === 'choice' ? change.choice : null,
    notice: change.kind === 'choice' ? change.notice : null,
    signal: change.kind === 'signal' ? change.signal : null,
  };
}

/**
 * The event of a row of `consent_event`.
 *
 * Believes nothing of it: the table may have been written by another build or by hand, and a misread choice would be
 * a wrong decision.
 *
 * @throws naming the revision and the column, never what is in it: that may be personal data
 */
export function fromRow(row: Readonly<Record<string, unknown>>): ConsentEvent {
  const read = new RowReader(row);
  return {
    revision: read.revision,
    user: read.text('user_id'),
    by: { kind: read.oneOf('by_kind', BY_KINDS), id: read.text('by_id') },
    at: read.integer('at'),
    via: 'settings',
    change: readChange(read),
  };
}

const BY_KINDS = ['user', 'service'] as const satisfies readonly ChangedBy['kind'][];
const CHANGE_KINDS = ['profile', 'choice', 'signal'] as const satisfies readonly ConsentChange['kind'][];

function readChange(read: RowReader): ConsentChange {
  const kind = read.oneOf('kind', CHANGE_KINDS);
  switch (kind) {
    case 'profile':
      read.nothingIn('purpose', 'choice', 'notice', 'signal');
      return { kind, region: read.textOrNull('region'), ageBand: read.oneOf('age_band', AGE_BANDS) };
    case 'choice':
      read.nothingIn('region', 'age_band', 'signal');
      return {
        kind,
        purpose: read.text('purpose'),
        choice: read.oneOf('choice', CHOICES),
        notice: read.integer('notice'),
        signal: false,
      };
    case 'signal':
      read.nothingIn('region', 'age_band', 'purpose', 'choice', 'notice');
      return { kind, signal: read.oneOf('signal', SIGNALS) };
  }
}

class RowReader {
  readonly revision: number;

  constructor(private readonly row: Readonly<Record<string, unknown>>) {
    this.revision = this.integer('revision');
  }

  text(column: string): string {
    return this.textOrNull(column) ?? this.refuse(column);
  }

  textOrNull(column: string): string | null {
    const value = this.row[column];
    return typeof value === 'string' || value === null ? value : this.refuse(column);
  }

  integer(column: string): number {
    const value = this.row[column];
    return typeof value === 'number' && Number.isSafeInteger(value) ? value : this.refuse(column);
  }

  oneOf<T extends string>(column: string, allowed: readonly T[]): T {
    return allowed.find((candidate) => candidate === this.row[column]) ?? this.refuse(column);
  }

  nothingIn(...columns: readonly string[]): void {
    for (const column of columns) {
      if (this.row[column] !== null) {
        this.refuse(column);
      }
    }
  }

  private refuse(column: string): never {
    throw new Error(
      `the consent event with revision ${this.revision} has an unreadable \`${column}\`; ` +
        'start the build that wrote it, or restore the log from a backup',
    );
  }
}
