/** Answers that are written bit by bit, as lines of JSON. */

/**
 * What each line says, as soon as it is there.
 *
 * @throws SyntaxError when a line is no JSON; TypeError when the answer is cut off
 */
export async function* linesIn(body: ReadableStream<Uint8Array>): AsyncGenerator<unknown, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const lines = `${rest}${decoder.decode(read.value, { stream: true })}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
