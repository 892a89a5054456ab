/**
 * casbin: an ABAC model, `enforceSync` (its fastest way), one policy line per purpose and group of regimes that
 * mean the same. It goes through the lines one by one, so there are as few as there can be; the lists within
 * a line are checked by two functions of its own, not by `eval`, which would compile an expression per line.
 */
import { newEnforcer, newModelFromString } from 'casbin';
import { choiceName, prebuilt } from '../comparison.mjs';

const MODEL = `
[request_definition]
r = user, purpose, field

[policy_definition]
p = purpose, fields, regimes, ages, gpc, choices

[policy_effect]
e = some(where (p.eft == allow))

[matchers]
m = r.purpose == p.purpose && listed(p.fields, r.field) && listed(p.regimes, r.user.regime) && listed(p.ages, r.user.age) && listed(p.gpc, r.user.gpc) && agreed(p.choices, r.user.choices)
`;

/** @param {Awaited<ReturnType<typeof import('../comparison.mjs').comparison>>} asked @param {number} users */
export async function open({ policy, permits, dependencies }, users) {
  const lines = new Map();
  const enforcer = await newEnforcer(newModelFromString(MODEL));
  const keep = (value) => {
    const name = `l${lines.size}`;
    lines.set(name, value);
    return name;
  };
  for (const { purpose, fields, regimes, ages, gpc, choices } of permits)
    await enforcer.addPolicy(
      purpose,
      keep(new Set(fields)),
      keep(new Set(regimes)),
      keep(new Set(ages)),
      keep(new Set(gpc)),
      keep(Object.entries(choices).map(([id, standings]) => [choiceName(id), new Set(standings)])),
    );
  await enforcer.addFunction('listed', (name, value) => lines.get(name).has(value));
  await enforcer.addFunction('agreed', (name, said) =>
    lines.get(name).every(([id, standings]) => standings.has(said[id])),
  );
  const byUser = prebuilt(policy, dependencies, users, (attributes) => attributes);
  const ask = ({ user, purpose, field }) => enforcer.enforceSync(byUser.get(user), purpose, field);
  return { ask, permits: (answer) => answer };
}
