/**
 * `npm run -s token -- service ads --purposes ads.personalised`: a token for development mode, alone on standard
 * output.
 */
import { type DevelopmentClaims, developmentToken } from '../access/tokens/development-key.js';
import { ROLES } from '../access/policy-permissions.js';
import { readConfig } from '../config.js';
import { didYouMean } from '../decision/nearest.js';
import { SCOPES } from '../decision/policy.js';
import { faultOfId } from '../id.js';
import { readPolicyFiles } from '../policy/text/policy-files.js';
import { quoted } from '../policy/text/quoting.js';
import { entriesOf } from '../text.js';
import { type Command, EXIT, UsageError, argumentsOf, runTool, say } from './terminal.js';

const HELP = `usage: npm run -s token -- service|admin|user ID [options]

A token for a server in development mode on the same DATA_DIR, good for eight hours.

  service ID   --purposes a,b   the purposes the service may ask for; without it, what the policy's \`clients\` say
               --scopes s,t     the same for what else it may do:
                                ${Object.entries(SCOPES)
                                  .map(([scope, meaning]) => `${scope.padEnd(16)} ${meaning}`)
                                  .join(`\n${' '.repeat(32)}`)}
  admin ID     --roles r        of ${Object.keys(ROLES).join(', ')}
  user ID                       the person the data is about

example: npm run -s token -- service crawler --purposes service --scopes settings:read
`;

type Wanted = { readonly holder: 'client' | 'person'; readonly claims: DevelopmentClaims };

/** @throws UsageError */
function wantedBy(args: readonly string[]): Wanted {
  const { values, positionals } = argumentsOf(
    args,
    { purposes: { type: 'string' }, scopes: { type: 'string' }, roles: { type: 'string' } },
    ['KIND', 'ID'],
  );
  const [kind = '', sub = ''] = positionals;
  const fault = faultOfId(sub);
  if (fault !== undefined) throw new UsageError(`the ID ${fault}`);
  const onlyFor = (option: 'purposes' | 'scopes' | 'roles', wanted: string): void => {
    if (values[option] !== undefined && kind !== wanted)
      throw new UsageError(`--${option} belongs to a token of kind ${wanted}`);
  };
  onlyFor('purposes', 'service');
  onlyFor('scopes', 'service');
  onlyFor('roles', 'admin');
  switch (kind) {
    case 'service': {
      const unknown = entriesOf(values.scopes ?? '').find((scope) => !Object.hasOwn(SCOPES, scope));
      if (unknown !== undefined)
        throw new UsageError(
          `there is no scope \`${unknown}\`: the scopes are ${Object.keys(SCOPES).join(', ')}`,
        );
      return {
        holder: 'client',
        claims: {
          sub,
          ...(values.purposes === undefined ? {} : { purposes: entriesOf(values.purposes) }),
          ...(values.scopes === undefined ? {} : { scope: entriesOf(values.scopes).join(' ') }),
        },
      };
    }
    case 'admin': {
      const roles = entriesOf(values.roles ?? '');
      const unknown = roles.find((role) => !Object.hasOwn(ROLES, role));
      const known = `the roles are ${Object.keys(ROLES).join(', ')}`;
      if (unknown !== undefined) throw new UsageError(`there is no role \`${unknown}\`: ${known}`);
      if (roles.length === 0)
        throw new UsageError(`a person without a role is a user: give --roles; ${known}`);
      return { holder: 'person', claims: { sub, roles } };
    }
    case 'user':
      return { holder: 'person', claims: { sub } };
    default:
      throw new UsageError(`there is no kind \`${kind}\`: it is service, admin or user`);
  }
}

/**
 * What of a token the policy folder does not have, or does not list for its client. The policy in force may, so the token
 * says it nevertheless.
 */
async function slipsIn(
  { sub, purposes = [], scope = '' }: DevelopmentClaims,
  folder: string,
): Promise<string[]> {
  const scopes = scope.split(' ').filter((one) => one !== '');
  if (purposes.length + scopes.length === 0) return [];
  const policy = await readPolicyFiles(folder).catch(() => undefined);
  if (policy === undefined) return [];
  const known = policy.purposes.map(({ id }) => id);
  const listed = policy.clients?.find(({ id }) => id === sub);
  const open = new Set<string>(listed === undefined ? [] : [...listed.purposes, ...listed.scopes]);
  return [...purposes, ...scopes].flatMap((wanted) => {
    if (purposes.includes(wanted) && !known.includes(wanted))
      return `the token names ${quoted(wanted)}, and the policy in \`${folder}\` has no such purpose${didYouMean(wanted, known, 'correct it, unless the policy in force has it')}`;
    if (listed === undefined || open.has(wanted)) return [];
    return `the token names ${quoted(wanted)}, and the policy in \`${folder}\` does not list it for the client ${quoted(sub)}, so it is refused: add it to \`clients\`, or take an ID that is not listed there`;
  });
}

const token: Command = {
  help: HELP,
  run: async (args) => {
    if (args.length === 0) {
      process.stderr.write(HELP);
      return EXIT.trouble;
    }
    const wanted = wantedBy(args);
    const { dataDir, policyDir, oidc } = readConfig(process.env);
    if (oidc !== undefined) throw new Error('OIDC_ISSUER is set: get tokens from that provider');
    for (const slip of await slipsIn(wanted.claims, policyDir)) process.stderr.write(`${slip}\n`);
    say(
      await developmentToken(dataDir, wanted.holder, wanted.claims, () =>
        process.stderr.write(
          `a new key was made in DATA_DIR \`${dataDir}\`: the token holds for a service with this DATA_DIR alone; for another, set DATA_DIR as that service has it\n`,
        ),
      ),
    );
    return EXIT.fine;
  },
};

process.exitCode = await runTool('token', token, process.argv.slice(2));
