/** A network that stops to carry anything and keeps every connection open, as a half-open one does. */
import { type Socket, connect, createServer } from 'node:net';
import { once } from 'node:events';

export type FreezingProxy = {
  /** The address of what is behind it, by way of it. */
  readonly url: string;
  /** From now on nothing passes, neither way, and nobody hears that. */
  freeze(): void;
  /** Everything that waits passes, and all that comes. */
  thaw(): void;
  /** From now on it leads to another server; every connection that there was is broken off. */
  leadTo(url: string): void;
  /** The same for connections that are made from now on; those that there are stay. */
  leadNewTo(url: string): void;
  close(): void;
};

/** @param url of a server that speaks over TCP, with its port */
export async function freezingProxy(url: string): Promise<FreezingProxy> {
  let behind = new URL(url);
  const sockets = new Set<Socket>();
  let frozen = false;
  /** Ends that are not told before it thaws. */
  const late: (() => void)[] = [];
  const join = (from: Socket, to: Socket) => {
    sockets.add(from);
    from.on('data', (bytes) => to.write(bytes));
    from.on('error', () => undefined);
    from.on('close', () => {
      sockets.delete(from);
      if (!frozen) to.destroy();
      else late.push(() => to.destroy());
    });
    if (frozen) from.pause();
  };
  const server = createServer((near) => {
    const far = connect(Number(behind.port), behind.hostname);
    join(near, far);
    join(far, near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const thaw = () => {
    frozen = false;
    for (const socket of sockets) socket.resume();
    for (const end of late.splice(0)) end();
  };
  return {
    url: Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(port) }).href,
    freeze: () => {
      frozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw,
    leadTo: (other) => {
      behind = new URL(other);
      for (const socket of sockets) socket.destroy();
      thaw();
    },
    leadNewTo: (other) => {
      behind = new URL(other);
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
