/** An extract of Assent: the register of a training set (docs/extracts.md). */

/**
 * Opens one.
 *
 * @param {{ url: string, token: string, purpose: string, fields: readonly string[] }} what
 * @throws Error, as do its functions, when the answer is not whole: use nothing of it
 */
export async function openExtract({ url, token, purpose, fields }) {
  const ask = async (path, body) => {
    const response = await fetch(new URL(`/v1/${path}`, url), {
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Assent answers ${path} with ${response.status}: ${text}`);
    return text;
  };
  const { id } = JSON.parse(await ask('extracts', { purpose, fields, title: 'Training set' }));
  return {
    id,
    /** Registers those who permit all of the fields. @returns the handle of each in the extract */
    take: async (members) => {
      const lines = whole(await ask('audiences', { purpose, fields, users: members, extract: id }));
      const open = lines.filter((line) => line.fields.length === fields.length);
      return new Map(open.map(({ user, member }) => [user, member]));
    },
    /** The handles of those who do not permit it any more, or were erased. */
    withdrawn: async () => new Set(whole(await ask(`extracts/${id}/withdrawn`)).map(({ member }) => member)),
    /** Nobody is taken in any more. */
    close: () => ask(`extracts/${id}/close`, {}),
  };
}

/** The lines before the last one, which says that these are all. */
function whole(text) {
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  if (lines.pop()?.policy === undefined) throw new Error('the answer of Assent was cut off');
  return lines;
}
