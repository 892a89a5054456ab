import type { Answer } from './terms/answer.js';
import { Failure } from './terms/failure.js';
import type { AudienceQuestion, Question } from './terms/question.js';

/** What one part of an audience was answered. The whole part rests on one policy version. */
export type AudiencePart = {
  readonly policy: string;
  readonly revision: string;
  /** What the caller must do with everything that is permitted in this part. */
  readonly obligations: readonly string[];
  /** Per user, in order: the fields that may be read, in the order asked; or what is wrong with the id, in words. */
  readonly users: readonly (readonly string[] | string)[];
  /** Per user, in order: the handle by which the extract names them; absent: the question names no extract. */
  readonly members?: readonly (string | undefined)[];
};

/** A request for a grant. */
export type GrantSent = {
  /** JSON, as `POST /v1/grants` takes it (docs/grants.md). */
  readonly body: string;
  /** Most bytes of the answer. */
  readonly most: number;
  /** A proof of the key that the grant is to be bound to; another one for each attempt. */
  readonly proofOf: (method: string, url: string) => Promise<string>;
};

/** Something that is asked or told about an extract (docs/extracts.md). */
export type ExtractSent = {
  /** Below the address of the service. */
  readonly path: string;
  /** Absent: it is asked, and nothing is told. */
  readonly body?: object;
  /** Media type of the answer. */
  readonly accept: 'application/json' | 'application/x-ndjson';
  /** The status of the answer, if that is not 200. */
  readonly answeredBy?: 201;
  /** Most bytes of the answer. */
  readonly most: number;
};

/** Most users of a grant (docs/grants.md). */
export const MOST_OF_GRANT = 200;

/** Most questions of one request, and most users of a part of an audience. */
export const MOST_OF_ONE_REQUEST = 1_000;

/**
 * The way to whoever decides. An implementation resolves only to whole answers: as many as were asked for, in order.
 * Whatever goes wrong is a rejection with a `Failure`, and so a denial.
 */
export abstract class Transport {
  /** Asks up to {@link MOST_OF_ONE_REQUEST} questions at once. @throws Failure */
  abstract evaluate(questions: readonly Question[], signal: AbortSignal): Promise<readonly Answer[]>;

  /** Asks one question about up to {@link MOST_OF_ONE_REQUEST} users. @throws Failure */
  abstract audience(
    question: AudienceQuestion,
    users: readonly string[],
    signal: AbortSignal,
  ): Promise<AudiencePart>;

  /**
   * Tells the service something, which may be told again. One that does not override this tells nothing.
   *
   * @param path below the address of the service
   * @returns the body of the answer
   * @throws Failure
   */
  report(_path: string, _body: object, _signal: AbortSignal): Promise<unknown> {
    return Promise.reject(new Failure('refused', { message: 'this transport reports nothing' }));
  }

  /** Asks for a grant, and resolves to the body of the answer. A transport need not have any. @throws Failure */
  grant(_sent: GrantSent, _signal: AbortSignal): Promise<string> {
    return Promise.reject(new Failure('refused', { message: 'this transport has no grants' }));
  }

  /** Asks about an extract, and resolves to the body of the answer. A transport need not have any. @throws Failure */
  extract(_sent: ExtractSent, _signal: AbortSignal): Promise<string> {
    return Promise.reject(new Failure('refused', { message: 'this transport has no extracts' }));
  }

  /** Lets go of connections. */
  close(): void {}
}
