/** Admission control: new users are refused before the state is full. */
import type { ConsentState } from '../../decision/state/consent-state.js';
import { DomainError } from '../../errors.js';

/** The share of its room from which on nobody is new; what is left is for those who are known. */
export const CLOSED_FROM = 0.95;
/** Shares of which operators are told. */
const TOLD_AT = [0.8, 0.9];

/** Why nothing may be written of a user; nothing where it may. */
export function refusalOfNew(
  state: Pick<ConsentState, 'filled' | 'knows'>,
  user: string,
): DomainError | undefined {
  if (state.filled < CLOSED_FROM || state.knows(user)) return undefined;
  return new DomainError(
    'too_many_users',
    'nothing was written of this user, of whom nothing is known yet: have the operators of the service make room, and send it again then; users who are known are served as ever',
  );
}

/** Tells once of each share that operators should know of, and of the highest alone where several are passed at once. */
export class FillingWatch {
  private told = 0;

  constructor(private readonly tell: (filled: number) => void) {}

  look(filled: number): void {
    const passed = TOLD_AT.findLast((share) => filled >= share) ?? 0;
    if (passed <= this.told) return;
    this.told = passed;
    this.tell(filled);
  }
}
