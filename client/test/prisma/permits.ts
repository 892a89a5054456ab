/** A decision for each user and field, behind the port of the client. */
import type { Answer } from '../../src/terms/answer.js';
import { Assent } from '../../src/assent.js';
import { Failure } from '../../src/terms/failure.js';
import type { Question } from '../../src/terms/question.js';
import { type AudiencePart, Transport } from '../../src/transport.js';

export type May = (user: string, field: string) => boolean;

export const PURPOSE = 'ads.personalised';

class Permits extends Transport {
  constructor(private readonly may: May) {
    super();
  }

  evaluate(questions: readonly Question[]): Promise<readonly Answer[]> {
    return Promise.resolve(
      questions.map(({ purpose, user, field }): Answer => {
        const basis = { policy: 'a-test', revision: '1' };
        return purpose === PURPOSE && this.may(user, field)
          ? { permitted: true, reason: 'permitted', obligations: [], ...basis }
          : { permitted: false, reason: 'opted_out', message: 'no', ...basis };
      }),
    );
  }

  audience(): Promise<AudiencePart> {
    return Promise.reject(new Failure('unavailable'));
  }
}

export function assentOf(may: May): Assent {
  return new Assent({ transport: new Permits(may), timeout: 60_000 });
}
