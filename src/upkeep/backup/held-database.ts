/** Has the process that owns an embedded database hold it still, or holds it itself where none does. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { codeOf } from '../../disk.js';
import { DOOR, SAID } from '../../store/postgres/backup-door.js';
import { lockFolder } from '../../store/postgres/folder-lock.js';

/** So often it is tried: each time, less has changed since what was prepared. */
const ATTEMPTS = 5;

/**
 * Runs work while the files of the database stand still.
 *
 * @param prepare done before each attempt, while the database goes on; not where no process runs on it
 * @param work what it does is done again in the next attempt if they did not stand still to its end
 * @returns whether a process runs on it
 * @throws Error with a message for people, when they never stood still to the end of the work
 */
export async function whileHeld(
  dataDir: string,
  prepare: () => Promise<void>,
  work: () => Promise<void>,
): Promise<boolean> {
  // first for nothing: what was written is in the files then, and is copied before changes have to wait for it
  if ((await hold(dataDir, async () => undefined)) === 'nobody is there') {
    const lock = lockFolder(dataDir);
    try {
      await work();
    } finally {
      lock.release();
    }
    return false;
  }
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    await prepare();
    const came = await hold(dataDir, work);
    if (came === 'done') return true;
    if (came === 'nobody is there') break;
  }
  throw new Error(
    'the service ended, or its changes could not wait for so long, so there is no copy: run the command again when there are fewer changes, or while the service is stopped',
  );
}

async function hold(
  dataDir: string,
  work: () => Promise<void>,
): Promise<'done' | 'cut off' | 'nobody is there'> {
  const socket = connect(join(dataDir, DOOR));
  const isOpen = await once(socket, 'connect').then(
    () => true,
    (error: unknown) => {
      if (['ENOENT', 'ECONNREFUSED'].includes(codeOf(error) ?? '')) return false;
      throw error;
    },
  );
  if (!isOpen) return 'nobody is there';
  // what is not heard was not said
  socket.on('error', () => undefined);
  const words = wordsOf(socket);
  const says = async (word: string) => {
    const next = await words.next().catch(() => ({ value: undefined }));
    return next.value === word;
  };
  try {
    socket.write(SAID.hold);
    if (!(await says(SAID.held))) return 'cut off';
    await work();
    socket.write(SAID.release);
    return (await says(SAID.released)) ? 'done' : 'cut off';
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
