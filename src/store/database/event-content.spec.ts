import { describe, expect, it } from 'vitest';
import { NewerBuild } from '../../errors.js';
import { decodeContent } from './event-content.js';

const SIGNAL = [1, 'user', 0, 'gpc', null, null, 'signal', 'gpc'];

describe('the content of an event', () => {
  it.each([
    ['in another format', [3, ...SIGNAL.slice(1)], 'format'],
    ['of another kind', [...SIGNAL.slice(0, 6), 'pause', 'gpc'], 'kind'],
    ['with another signal', [...SIGNAL.slice(0, 7), 'later'], 'signal'],
    ['with something more', [...SIGNAL, true, 'more'], 'end'],
    ['taken back in another way', [2, ...SIGNAL.slice(1), false], 'withdrawn'],
    ['in another layout', 'u-1 has said', 'format'],
  ])('is of a newer build when it is %s, and nothing of it is told', (_what, content, member) => {
    const bytes = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
    let error: unknown;
    try {
      decodeContent(7, 'u-1', bytes);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(NewerBuild);
    expect(String(error)).toBe(
      `NewerBuild: the consent log has an entry with a \`${member}\`, at revision 7, that this build does not know: a newer build writes to this database; start that build`,
    );
  });
});
