import { randomUUID } from 'node:crypto';
import type { PolicyVersion } from '../policy/policy.service.js';
import type { RecordedSet, RecordedUsers } from '../record/record-entry.js';
import type { RequestRecord, Stated } from './decision-records.js';
import { type AnsweredAlike, People } from './people.js';

/** The question about each of many people. */
type QuestionOfMany = Pick<RecordedUsers, 'way' | 'purpose' | 'fields'> & {
  readonly policy: PolicyVersion;
  readonly stated: Stated;
};

/** The record of one answer about many people, which is taken down a part at a time. */
export class UsersRecord {
  private readonly people = new People();
  private readonly stream = randomUUID();
  private part = 0;

  /** @param answerAt what people with a place were answered */
  constructor(
    private readonly record: RequestRecord,
    private readonly question: QuestionOfMany,
    private readonly answerAt: (place: number) => AnsweredAlike,
  ) {}

  /** How many more people the part has room for. */
  get room(): number {
    return this.people.room;
  }

  /** Whether the part has nobody. */
  get isEmpty(): boolean {
    return this.people.isEmpty;
  }

  /**
   * Adds a person who was answered the same as others with this place.
   *
   * @param number by which the log knows them; 0: it does not
   * @param id of whom it does not know
   */
  add(number: number, place: number, id: () => string): void {
    this.people.add(number, place);
    if (number > 0 || this.answerAt(place).permitted.length === 0) return;
    const person = this.record.personOf(id(), number);
    if (typeof person !== 'number') this.people.name(person);
  }

  /**
   * Takes down the people added since the last part.
   *
   * @param revision that their answers rest on
   * @returns those of whom something was permitted
   */
  close(revision: number, isLast: boolean): readonly RecordedSet[] {
    const { policy, stated, ...question } = this.question;
    const people = this.people.take(this.answerAt);
    const part = { stream: this.stream, part: this.part++, isLast, ...people };
    this.record.users(policy, revision, stated, { ...question, ...part });
    return people.sets;
  }
}

/** How a field is named at the level that an item of it has by itself. */
export function fieldAt(field: string, level: string | undefined): string {
  return level === undefined ? field : `${field}@${level}`;
}
