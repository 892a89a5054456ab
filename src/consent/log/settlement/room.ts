/** Admission control: new users are refused before the state is full. */
import type { ConsentState } from '../../../decision/state/consent-state.js';
import { DomainError } from '../../../errors.js';

/** From this share on, new users are refused; the rest is reserved for those who are known. */
export const CLOSED_FROM = 0.95;
/** Shares at which operators are warned. */
const TOLD_AT = [0.8, 0.9];

/** The refusal of a new user when there is no room; `undefined` otherwise. */
export function refusalOfNew(
  state: Pick<ConsentState, 'filled' | 'knows'>,
  user: string,
): DomainError | undefined {
  if (state.filled < CLOSED_FROM || state.knows(user)) return undefined;
  return new DomainError(
    'too_many_users',
    'there is no room for new users, so nothing was written: ask the operators to make room, then send it again; users who are known are not affected',
  );
}

/** Warns once at each share; where several are passed at once, only at the highest. */
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
