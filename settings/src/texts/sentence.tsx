/** Sentences of the page with texts of the policy in them. */
import { Told } from './told.js';
import type { Lang } from '../service/answers.js';

type Titled = { readonly title: string; readonly lang?: Lang | undefined };

/** Characters that no text has: they are for private use (Unicode, section 23.5). */
const [OPEN, CLOSE] = ['\uE000', '\uE001'];

/**
 * A sentence in which titles stand as they are told elsewhere: each in its language, and kept apart from the words around it,
 * so that none turns their direction.
 *
 * @param make the sentence around what stands in the place of the titles
 */
export function Sentence({
  titled,
  make,
}: {
  readonly titled: readonly Titled[];
  readonly make: (places: readonly string[]) => string;
}) {
  const parts = make(titled.map((_one, place) => `${OPEN}${place}${CLOSE}`)).split(
    new RegExp(`${OPEN}(\\d+)${CLOSE}`),
  );
  return (
    <>
      {parts.map((part, place) => {
        const one = place % 2 === 1 ? titled[Number(part)] : undefined;
        return one === undefined ? part : <Told key={place} of={one} member="title" text={one.title} />;
      })}
    </>
  );
}
