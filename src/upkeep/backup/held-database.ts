/** Has the process that owns an embedded database hold it still, or holds it itself where none does. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { codeOf } from '../../disk.js';
import { DOOR, SAID } from '../../store/postgres/backup-door.js';
import { lockFolder } from '../../store/postgres/folder-lock.js';

/**
 * Runs work while the files of the database stand still.
 *
 * @param prepare done before that, while it goes on
 * @returns whether a process runs on it
 * @throws Error with a message for people, when they did not stand still to the end of the work
 */
export async function whileHeld(
  dataDir: string,
  prepare: () => Promise<void>,
  work: () => Promise<void>,
): Promise<boolean> {
  const socket = connect(join(dataDir, DOOR));
  const isOpen = await once(socket, 'connect').then(
    () => true,
    (error: unknown) => {
      if (['ENOENT', 'ECONNREFUSED'].includes(codeOf(error) ?? '')) return false;
      throw error;
    },
  );
  if (!isOpen) {
    const lock = lockFolder(dataDir);
    try {
      await prepare();
      await work();
    } finally {
      lock.release();
    }
    return false;
  }
  try {
    await prepare();
    const words = wordsOf(socket);
    socket.write(SAID.hold);
    await mustSay(words, SAID.held);
    await work();
    socket.write(SAID.release);
    await mustSay(words, SAID.released);
    return true;
  } finally {
    socket.destroy();
  }
}

async function* wordsOf(socket: AsyncIterable<Buffer>): AsyncGenerator<string, void> {
  let said = '';
  for await (const chunk of socket) {
    said += chunk.toString('latin1');
    for (let end = said.indexOf('\n') + 1; end > 0; end = said.indexOf('\n') + 1) {
      yield said.slice(0, end);
      said = said.slice(end);
    }
  }
}

async function mustSay(words: AsyncGenerator<string, void>, word: string): Promise<void> {
  const next = await words.next().catch(() => ({ value: undefined }));
  if (next.value !== word)
    throw new Error(
      'the service ended, or would not hold its database for so long, so there is no copy: run the command again',
    );
}
