/**
 * Where whoever copies the embedded database asks this process to hold it still: a socket in its folder, which only those can
 * reach who can read the folder anyway.
 */
import { chmod, rm } from 'node:fs/promises';
import { type Socket, createServer } from 'node:net';
import { join } from 'node:path';

/** The socket in the folder of the database. */
export const DOOR = 'backup.sock';

/** What is said: `hold`, answered by `held`; then `release`, answered by `released`. */
export const SAID = { hold: 'hold\n', held: 'held\n', release: 'release\n', released: 'released\n' } as const;

/**
 * Changes wait while the database is held: whoever takes longer than this is cut off. Where a change waits for longer than
 * it may for its answer, decisions are denied until what came of it is known.
 */
const HELD_MS = 3_000;
/** Whoever comes, and does not say what for, is cut off after this. */
const SILENT_MS = 60_000;

/** Longest path of a socket (unix(7)), without the zero at its end. */
const MOST_BYTES = 107;

export type Door = { readonly close: () => Promise<void> };

/** Without one, the database can be copied while the process is stopped. */
const NONE: Door = { close: async () => undefined };

/**
 * Opens the door, where the file system has sockets.
 *
 * @param hold runs work while everything that was written is in the files, and nothing else is written
 * @param most how long that may take, in milliseconds
 */
export async function openDoor(
  folder: string,
  hold: (work: () => Promise<void>) => Promise<void>,
  most = HELD_MS,
): Promise<Door> {
  const path = join(folder, DOOR);
  if (Buffer.byteLength(path) > MOST_BYTES) return NONE;
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => open.delete(socket));
    void serve(socket, hold, most).finally(() => socket.destroy());
  });
  try {
    // the folder is locked, so whoever left it there has ended
    await rm(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
    await chmod(path, 0o600);
  } catch {
    // some file systems have no sockets
    server.close();
    return NONE;
  }
  // the process ends when its work does
  server.unref();
  return {
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

async function serve(
  socket: Socket,
  hold: (work: () => Promise<void>) => Promise<void>,
  most: number,
): Promise<void> {
  if (!(await hears(socket, SAID.hold, SILENT_MS))) return;
  let isInTime = false;
  await hold(async () => {
    socket.write(SAID.held);
    isInTime = await hears(socket, SAID.release, most);
  }).catch(() => (isInTime = false));
  if (isInTime) await new Promise<void>((resolve) => socket.end(SAID.released, resolve));
}

/** Whether the other side says this next, and in time. */
function hears(socket: Socket, word: string, within: number): Promise<boolean> {
  if (socket.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    const end = (isHeard: boolean) => {
      clearTimeout(timer);
      socket.off('data', take);
      socket.off('close', gone);
      resolve(isHeard);
    };
    let said = '';
    const take = (chunk: Buffer) => {
      said += chunk.toString('latin1');
      if (said.length >= word.length) end(said === word);
    };
    const gone = () => end(false);
    const timer = setTimeout(gone, within);
    socket.on('data', take);
    socket.once('close', gone);
  });
}
