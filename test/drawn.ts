/**
 * From what a property draws its values. Otherwise from the clock: each run tries others, and one that fails prints the seed
 * that repeats it. Where `PROPERTY_SEED` is set, the same in each run: a check of a change then fails for the change alone,
 * not for what nobody had drawn before.
 */
import { configureGlobal } from 'fast-check';

const seed = process.env['PROPERTY_SEED'];
if (seed !== undefined) {
  if (!/^\d{1,9}$/.test(seed))
    throw new Error('`PROPERTY_SEED` must be a whole number of at most nine digits');
  configureGlobal({ seed: Number(seed) });
}
