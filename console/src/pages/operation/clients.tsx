/** Who asks, and the most that each may ask for, by the policy in force. */
import { type Client, SCOPES } from '../../../../src/decision/policy.js';
import { useVersion } from '../../api/policy.js';
import { Answer } from '../../parts/answer.js';
import { type Column, Listing } from '../../parts/listing.js';
import { short } from '../../parts/version-id.js';
import { useWordsOf } from '../../words/words.js';
import { OPERATION } from './words.js';

export function Clients() {
  const own = useWordsOf(OPERATION).clients;
  const { columns } = own;
  const shown: readonly Column<Client>[] = [
    { id: 'client', title: columns.id, value: ({ id }) => id, shown: ({ id }) => <code>{id}</code> },
    { id: 'description', title: columns.description, value: ({ description }) => description ?? null },
    {
      id: 'purposes',
      title: columns.purposes,
      value: ({ purposes }) => purposes.join(' '),
      shown: ({ purposes }) => <Names names={purposes} none={own.nothing} />,
    },
    {
      id: 'scopes',
      title: columns.scopes,
      value: ({ scopes }) => scopes.join(' '),
      shown: ({ scopes }) => <Names names={scopes} none={own.nothing} titles={SCOPES} />,
    },
  ];
  return (
    <Answer query={useVersion('current')}>
      {({ id, document: { clients = [], unlisted_clients: unlisted = 'token' } }) => (
        <Listing
          title={own.title}
          about={`${own.about(short(id))} ${own.unlisted[unlisted]}`}
          file="clients"
          columns={shown}
          rows={clients}
          keyOf={(client) => client.id}
          none={own.none}
        />
      )}
    </Answer>
  );
}

type NamesProps = {
  readonly names: readonly string[];
  readonly none: string;
  readonly titles?: Readonly<Record<string, string>>;
};

function Names({ names, none, titles = {} }: NamesProps) {
  if (names.length === 0) return <span className="quiet">{none}</span>;
  return (
    <ul>
      {names.map((name) => (
        <li key={name} title={titles[name]}>
          <code>{name}</code>
        </li>
      ))}
    </ul>
  );
}
