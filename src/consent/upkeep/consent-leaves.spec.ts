/** The consent log is sealed entry by entry, and not once more when it is another one. */
import { expect, test } from 'vitest';
import { newFolder } from '../../../test/property/record/folders.js';
import { signerNamed, writeQuickly } from '../../../test/tlog.js';
import { Sealer } from '../../tlog/sealer.js';
import { verifyLog } from '../../tlog/verify-log.js';
import { GENESIS, type VerifiableLink, hashAfter, sha256 } from '../log/chain.js';
import { readChainLeaf } from '../log/chain-leaf.js';
import { ConsentLeaves } from './consent-leaves.js';

const ORIGIN = 'assent.example/consent/1';
const SIGNER = signerNamed(ORIGIN);

/** A chain of entries. @param word what they say */
function chainOf(count: number, word = 'entry'): VerifiableLink[] {
  const links: VerifiableLink[] = [];
  for (let revision = 1; revision <= count; revision++) {
    const entry = {
      revision,
      subject: 1,
      at: 7,
      kind: 'choice',
      digest: sha256(Buffer.from(`${word} ${revision}`)),
    };
    links.push({ ...entry, hash: hashAfter(links.at(-1)?.hash ?? GENESIS, entry), isKept: true });
  }
  return links;
}

function sealerOf(links: readonly VerifiableLink[], folder: string): Promise<Sealer> {
  const store = { links: async (after: number, limit: number) => links.slice(after, after + limit) };
  return Sealer.open(new ConsentLeaves(store), {
    folder,
    origin: ORIGIN,
    keys: { signers: async () => [SIGNER], known: async () => [SIGNER] },
    onTrouble: () => undefined,
    write: writeQuickly,
  });
}

test('each entry is a leaf with its revision and its link, over any number of starts', async () => {
  const folder = newFolder();
  const links = chainOf(600);
  for (const size of [1, 256, 257, 600]) {
    const sealer = await sealerOf(links.slice(0, size), folder);
    await sealer.seal();
    await sealer.seal();
  }
  const read: unknown[] = [];
  const { head } = await verifyLog({ folder, origin: ORIGIN, keys: [SIGNER] }, (entry) =>
    read.push(readChainLeaf(entry)),
  );
  expect(head.size).toBe(600);
  expect(read).toEqual(links.map(({ revision, hash }) => ({ revision, hash })));
});

test.each([
  ['was written anew', chainOf(700, 'other')],
  ['was put back to an older state', chainOf(299)],
])('a log that %s is not signed', async (_how, links) => {
  const folder = newFolder();
  await (await sealerOf(chainOf(300), folder)).seal();
  await expect((await sealerOf(links, folder)).seal()).rejects.toThrow(
    'has another entry 300 than was sealed',
  );
});

test('a log that lacks an entry is not signed', async () => {
  const links = chainOf(20).filter(({ revision }) => revision !== 12);
  await expect((await sealerOf(links, newFolder())).seal()).rejects.toThrow('lacks revision 12');
});
