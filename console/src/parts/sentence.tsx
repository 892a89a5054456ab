/** Sentences of the service, which are in English, with names in backticks. */
import { Fragment } from 'react';

export function Sentence({ says }: { readonly says: string }) {
  return (
    <span lang="en" dir="ltr">
      <Names says={says} />
    </span>
  );
}

/** A sentence of the console with names in backticks. */
export function Names({ says }: { readonly says: string }) {
  return says
    .split('`')
    .map((part, place) =>
      place % 2 === 1 ? <code key={place}>{part}</code> : <Fragment key={place}>{part}</Fragment>,
    );
}
