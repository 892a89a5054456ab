/** Times, with their zone said once per view and in full on each. */
import { useLanguage } from '../words/words.js';

/** The zone that all times are shown in: that of the browser. */
export const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** @param at RFC 3339, as the service writes times */
export function Time({ at, day = false }: { readonly at: string; readonly day?: boolean }) {
  const language = useLanguage();
  const shown = new Intl.DateTimeFormat(language, {
    dateStyle: 'medium',
    ...(day ? {} : { timeStyle: 'medium' }),
  }).format(new Date(at));
  return (
    <time dateTime={at} title={`${shown} (${ZONE})`}>
      {shown}
    </time>
  );
}
