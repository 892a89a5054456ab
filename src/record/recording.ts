import type { Decision } from '../decision/reasons.js';
import type { Asked, Person, RecordedDischarge, RecordedUsers } from './record-entry.js';

/** Takes decisions down as they are made, in memory; a group of them is written at a time. */
export interface Recording {
  /** Whether records can be written. While they cannot, nothing may be permitted. */
  readonly isAvailable: boolean;

  /** Begins the decisions of a question; nothing may be awaited until `end`. */
  begin(asked: Asked): void;

  /** @param level the level that the item has by itself, where the question said so */
  decision(
    purpose: string,
    field: string,
    level: string | undefined,
    person: Person | undefined,
    decision: Decision,
  ): void;

  end(): void;

  /** Takes a question about many people down, or a part of it. */
  takeUsers(asked: Asked, users: RecordedUsers): void;

  /** Takes the report of a service down. */
  takeDischarge(asked: Asked, discharge: RecordedDischarge): void;

  /** How a person is named whom the log does not know. */
  stranger(id: string): Uint8Array;

  /**
   * Resolves to whether all that was taken down before the call is written.
   *
   * @param isBinding whether the answer must not leave before that, whatever the settings say
   * @returns `undefined` when the answer need not wait: nothing is left to write, or it may be written later
   */
  settled(isBinding: boolean): Promise<boolean> | undefined;
}
