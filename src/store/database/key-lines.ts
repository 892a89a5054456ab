/** What is in a key file: a key a line, itself or wrapped, the newest first. */
import { KEY_BYTES } from './store-key.js';

/** The first line of a file with several keys. Builds that know only one refuse the file. */
const HEADING = 'keys of assent';
/** The first line of a file whose keys are wrapped. Builds that know no wrapping refuse the file. */
const WRAPPED_HEADING = /^keys of assent wrapped by (\S+) for (\S+)$/;
/** The most bytes of a wrapped key: more than AWS KMS gives (API Reference, `CiphertextBlob`). */
export const MOST_WRAPPED_BYTES = 8_192;

/** A key file that cannot be read, or does not hold keys of the store; the message is for people. */
export class UnfitKeyFile extends Error {}

/** A key as a line of the file has it: itself, or wrapped. */
export type KeyLine = { readonly bytes: Uint8Array; readonly since?: number };

export type KeyText = {
  /** Absent: the lines are the keys themselves. */
  readonly wrapped?: { readonly scheme: string; readonly store: string };
  readonly lines: readonly KeyLine[];
};

/** @param path names the file in the message @throws UnfitKeyFile when the text is not that of a key file */
export function keyTextIn(text: string, path: string): KeyText {
  const [heading = '', ...rest] = text.trim().split(/\r?\n/);
  const [isWrapped, scheme = '', store = ''] = WRAPPED_HEADING.exec(heading) ?? [];
  const hasHeading = isWrapped !== undefined || heading === HEADING;
  const fits = ({ bytes: { length } }: KeyLine) =>
    isWrapped === undefined ? length === KEY_BYTES : length > 0 && length <= MOST_WRAPPED_BYTES;
  const lines = (hasHeading ? rest : [text]).map(lineIn);
  const known = lines.filter((line) => line !== undefined).filter(fits);
  if (known.length === 0 || known.length < lines.length)
    throw new UnfitKeyFile(
      isWrapped === undefined
        ? `the key file \`${path}\` does not hold a key: restore it, for it is ${KEY_BYTES} bytes in base64${hasHeading ? ' a line, with a time' : ''}`
        : `the key file \`${path}\` does not hold wrapped keys: restore it, for it has one a line, in base64 with a time`,
    );
  const sorted = known.toSorted((one, other) => (other.since ?? 0) - (one.since ?? 0));
  return isWrapped === undefined ? { lines: sorted } : { wrapped: { scheme, store }, lines: sorted };
}

/** A key file with these keys. */
export function keyTextWith({ wrapped, lines }: KeyText): string {
  const heading =
    wrapped === undefined ? HEADING : `${HEADING} wrapped by ${wrapped.scheme} for ${wrapped.store}`;
  return [heading, ...lines.map(keyLineText), ''].join('\n');
}

export function keyLineText({ bytes, since }: KeyLine): string {
  const text = Buffer.from(bytes).toString('base64');
  return since === undefined ? text : `${text} ${new Date(since).toISOString()}`;
}

function lineIn(line: string): KeyLine | undefined {
  const [text = '', time, ...more] = line.trim().split(/\s+/);
  const bytes = Buffer.from(text, 'base64');
  const since = time === undefined ? undefined : Date.parse(time);
  if (more.length > 0 || Number.isNaN(since)) return undefined;
  return since === undefined ? { bytes } : { bytes, since };
}
