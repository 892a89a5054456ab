/**
 * Cedar, compiled to WebAssembly: policies parsed before (`preparsePolicySet`, `statefulIsAuthorized`), no entities, one
 * `permit` per purpose and group of regimes that mean the same; the user's attributes are the context.
 */
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { choiceName, prebuilt } from '../comparison.mjs';

const SET = 'bench';

/** @param {Awaited<ReturnType<typeof import('../comparison.mjs').comparison>>} asked @param {number} users */
export function open({ policy, permits, dependencies }, users) {
  const names = new Map(dependencies.map((id, place) => [choiceName(id), `choice${place}`]));
  const parsed = cedar.preparsePolicySet(SET, {
    staticPolicies: permits.map((permit) => policyOf(permit, names)).join('\n'),
  });
  if (parsed.type !== 'success') throw new Error(`Cedar refuses the policies: ${JSON.stringify(parsed)}`);
  const byUser = prebuilt(policy, dependencies, users, ({ regime, age, gpc, choices }) => ({
    regime,
    age,
    gpc,
    ...Object.fromEntries(Object.entries(choices).map(([id, standing]) => [names.get(id), standing])),
  }));
  const action = { type: 'Action', id: 'read' };
  const entities = [];
  const ask = ({ user, purpose, field }) => {
    const answer = cedar.statefulIsAuthorized({
      principal: { type: 'Purpose', id: purpose },
      action,
      resource: { type: 'Field', id: field },
      context: byUser.get(user),
      preparsedPolicySetId: SET,
      entities,
    });
    if (answer.type !== 'success' || answer.response.diagnostics.errors.length > 0)
      throw new Error(`Cedar could not decide: ${JSON.stringify(answer)}`);
    return answer.response.decision === 'allow';
  };
  return { ask, permits: (answer) => answer };
}

/** @param {import('../comparison.mjs').Permit} permit @param {Map<string, string>} names */
function policyOf({ purpose, fields, regimes, ages, gpc, choices }, names) {
  const oneOf = (values, member) =>
    values.length === 1
      ? `context.${member} == ${JSON.stringify(values[0])}`
      : `${JSON.stringify(values)}.contains(context.${member})`;
  const conditions = [
    `[${fields.map((field) => `Field::"${field}"`).join(', ')}].contains(resource)`,
    oneOf(regimes, 'regime'),
    ...(ages.length < 3 ? [oneOf(ages, 'age')] : []),
    ...(gpc.length < 2 ? [oneOf(gpc, 'gpc')] : []),
    ...Object.entries(choices).map(([id, standings]) => oneOf(standings, names.get(choiceName(id)))),
  ];
  return `permit(principal == Purpose::"${purpose}", action == Action::"read", resource)
    when { ${conditions.join(' && ')} };`;
}
