/** How long grants hold, in two versions. No cell shows it: cells are of what is said, whenever that was. */
import { canBeLonger } from '../../duration.js';
import type { CompiledPolicy } from '../../rules/compile.js';

export type ChangeOfLapse = {
  readonly purpose: string;
  readonly regime: string;
  /** Durations of ISO 8601; absent: grants do not lapse. */
  readonly before?: string;
  readonly after?: string;
  /** Whether some grants hold longer than before. */
  readonly opens: boolean;
  /** Whether some grants hold less long. */
  readonly closes: boolean;
};

/** The purposes of both versions whose grants lapse otherwise. */
export function changesOfLapses(
  before: Pick<CompiledPolicy, 'purposes'>,
  after: Pick<CompiledPolicy, 'purposes'>,
): ChangeOfLapse[] {
  return [...after.purposes.values()].flatMap(({ id, lapses_after: next = {} }) => {
    const known = before.purposes.get(id);
    const { lapses_after: former = {} } = known ?? {};
    if (known === undefined) return [];
    return [...new Set([...Object.keys(former), ...Object.keys(next)])].flatMap((regime) => {
      const [was, is] = [former[regime], next[regime]];
      if (was === is) return [];
      return {
        purpose: id,
        regime,
        ...(was === undefined ? {} : { before: was }),
        ...(is === undefined ? {} : { after: is }),
        opens: was !== undefined && (is === undefined || canBeLonger(is, was)),
        closes: is !== undefined && (was === undefined || canBeLonger(was, is)),
      };
    });
  });
}
