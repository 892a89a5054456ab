/** How the import of a file ends: counts that add up, and an exit code for scripts. */
import type { Rejects } from './rejects.js';
import { EXIT, count, say } from '../terminal.js';

/** What became of the lines. */
export type Summary = {
  readonly changed: number;
  readonly unchanged: number;
  readonly refused: number;
  readonly reasons: ReadonlyMap<string, number>;
};

/** Says what became of the lines. @returns the exit code */
export function end({ changed, unchanged, refused, reasons }: Summary, rejects: Rejects): number {
  const taken = `${changed.toLocaleString('en')} changed, ${unchanged.toLocaleString('en')} unchanged`;
  return tell(changed + unchanged + refused, taken, reasons, rejects);
}

/** Says what was found in a file that was not sent. @returns the exit code */
export function endDry(inOrder: number, reasons: ReadonlyMap<string, number>, rejects: Rejects): number {
  const lines = inOrder + sumOf(reasons);
  return tell(lines, `${inOrder.toLocaleString('en')} in order`, reasons, rejects);
}

function tell(lines: number, taken: string, reasons: ReadonlyMap<string, number>, { file }: Rejects): number {
  const refused = sumOf(reasons);
  say(`${count(lines, 'line')}: ${taken}, ${refused.toLocaleString('en')} rejected`);
  for (const [reason, number] of [...reasons].sort(([, one], [, other]) => other - one))
    say(`  ${number.toLocaleString('en')} ${reason}`);
  if (refused === 0) return EXIT.fine;
  say(`rejected lines are in ${file}`);
  return EXIT.wrong;
}

function sumOf(reasons: ReadonlyMap<string, number>): number {
  return [...reasons.values()].reduce((sum, number) => sum + number, 0);
}
