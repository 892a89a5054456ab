/**
 * A product with the page in it: its own pages and the service on one origin. A request without a token gets that of the user
 * in `x-test-user`, which stands for a session.
 */
import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer, request } from 'node:http';
import type { RunningService } from '../../test/e2e/service.js';

export type Host = {
  readonly url: string;
  /** The address of a page of five lines that embeds the element for a user. */
  readonly pageOf: (user: string, attributes?: string, style?: string) => Promise<string>;
  readonly stop: () => Promise<void>;
};

export async function startHost(service: RunningService): Promise<Host> {
  const pages = new Map<string, string>();
  const server = createServer((incoming, outgoing) => {
    const page = pages.get(incoming.url ?? '');
    if (page !== undefined) {
      outgoing.setHeader('content-type', 'text/html; charset=utf-8').end(page);
      return;
    }
    void forward(service, incoming, outgoing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the host has no port');
  const url = `http://127.0.0.1:${address.port}`;
  return {
    url,
    pageOf: async (user, attributes = '', style = '') => {
      const token = await service.token({ sub: user });
      const path = `/host-${pages.size}`;
      pages.set(path, hostPage(token, attributes, style));
      return url + path;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function hostPage(token: string, attributes: string, style: string): string {
  return `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>A product</title>
<style>${style}</style>
<main><h1>Your account</h1>
<script type="module" src="/settings/assent-settings.js"></script>
<assent-settings ${attributes}></assent-settings>
<script type="module">
  document.querySelector('assent-settings').getToken = async () => '${token}';
</script></main></html>`;
}

async function forward(
  service: RunningService,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { 'x-test-user': user, ...headers } = incoming.headers;
  if (typeof user === 'string' && headers.authorization === undefined)
    headers.authorization = `Bearer ${await service.token({ sub: user })}`;
  const onward = request(
    service.url + (incoming.url ?? ''),
    { method: incoming.method, headers },
    (reply) => {
      outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(outgoing);
    },
  );
  onward.on('error', () => outgoing.destroy());
  incoming.pipe(onward);
}
