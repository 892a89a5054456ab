/** How the import of a file ends: counts that add up, and an exit code for scripts. */
import { SERVICE_REASONS } from '../../consent/transfer/import-refusals.js';
import type { Rejects } from './rejects.js';
import { EXIT, count, say } from '../terminal.js';

/** What became of the lines. */
export type Summary = {
  readonly changed: number;
  readonly unchanged: number;
  readonly refused: number;
  readonly reasons: ReadonlyMap<string, number>;
  /** Rows among those taken whose grant permits nothing. */
  readonly permitsNothing: number;
  /** Rows among those taken with a level that its group does not have. */
  readonly takenAsStrictest: number;
};

/** Says what became of the lines. @returns the exit code */
export function end(
  { changed, unchanged, refused, reasons, permitsNothing, takenAsStrictest }: Summary,
  rejects: Rejects,
): number {
  const taken = `${changed.toLocaleString('en')} changed, ${unchanged.toLocaleString('en')} unchanged`;
  tell(changed + unchanged + refused, taken, reasons);
  if (permitsNothing > 0)
    say(
      `${count(permitsNothing, 'grant permits', 'grants permit')} nothing: the purpose asks first where the user lives, and the row does not name the notice in force. ` +
        'Give each row the `notice` that the user was shown, with a later `at` if it has one, and import again; or ask the user',
    );
  if (takenAsStrictest > 0)
    say(
      `${count(takenAsStrictest, 'level was', 'levels were')} taken as the strictest: the policy names no such level of the group. Correct the rows, give them a later \`at\`, and import them again`,
    );
  return endWith(refused, rejects);
}

/** What was found in a file that was not sent. */
export type Found = {
  readonly inOrder: number;
  readonly reasons: ReadonlyMap<string, number>;
  /** Rows in order that grant without a notice. */
  readonly withoutNotice: number;
};

/** Says what was found in a file that was not sent, and what only the service can know. @returns the exit code */
export function endDry({ inOrder, reasons, withoutNotice }: Found, rejects: Rejects): number {
  const refused = sumOf(reasons);
  tell(inOrder + refused, `${inOrder.toLocaleString('en')} in order`, reasons);
  if (withoutNotice > 0)
    say(
      `${count(withoutNotice, 'grant names', 'grants name')} no \`notice\`: where the purpose asks first, it permits nothing; add the one that the user was shown`,
    );
  say(`the service was not asked, so it may still reject lines: ${SERVICE_REASONS.join(', ')}`);
  return endWith(refused, rejects);
}

function tell(lines: number, taken: string, reasons: ReadonlyMap<string, number>): void {
  say(`${count(lines, 'line')}: ${taken}, ${sumOf(reasons).toLocaleString('en')} rejected`);
  for (const [reason, number] of [...reasons].sort(([, one], [, other]) => other - one))
    say(`  ${number.toLocaleString('en')} ${reason}`);
}

function endWith(refused: number, { file }: Rejects): number {
  if (refused === 0) return EXIT.fine;
  say(`rejected lines are in ${file}`);
  return EXIT.wrong;
}

function sumOf(reasons: ReadonlyMap<string, number>): number {
  return [...reasons.values()].reduce((sum, number) => sum + number, 0);
}
