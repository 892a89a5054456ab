/** What a decision costs this engine as users, fields or purposes grow: one point of a curve. */
import {
  FACTS,
  compiled,
  decide,
  emptyState,
  factsIndex,
  referenceDocument,
  resolved,
  settle,
  tabulate,
} from './engine.mjs';
import { memoryOf } from './machine.mjs';
import { answersPerSecond, settledMemory } from './timing.mjs';
import { dice, idOf } from './users.mjs';

const memory = () => settledMemory(() => memoryOf(process.pid).now);

/**
 * The reference policy with more of the same: fields are copies of its fields, purposes copies of its trees.
 *
 * @param {any} document
 * @param {{ fields?: number, purposes?: number }} sizes
 */
export function grown(document, { fields = document.fields.length, purposes = document.purposes.length }) {
  const own = new Set(document.purposes.map(({ id }) => id));
  const copyOf = (id, copy) => (copy === 0 || !own.has(id) ? id : `copy${copy}.${id}`);
  const more = Array.from({ length: purposes }, (_, at) => {
    const copy = Math.floor(at / own.size);
    const purpose = document.purposes[at % own.size];
    return copy === 0
      ? purpose
      : {
          ...purpose,
          id: copyOf(purpose.id, copy),
          ...(purpose.parent === undefined ? {} : { parent: copyOf(purpose.parent, copy) }),
          ...(purpose.requires === undefined
            ? {}
            : { requires: purpose.requires.map((id) => copyOf(id, copy)) }),
        };
  });
  const there = new Set(more.map(({ id }) => id));
  // the last copy may be cut off in the middle of a tree
  const whole = more.filter(({ parent, requires = [] }) =>
    [parent, ...requires].every((id) => id === undefined || there.has(id)),
  );
  // fewer fields than there are keep the sources of those that stay
  const [made, given] = [true, false].map((is) =>
    document.fields.filter(({ derived_from }) => (derived_from !== undefined) === is),
  );
  const kinds = [...given, ...made];
  const count = kinds.length;
  const kept = new Set(kinds.slice(0, fields).map(({ id }) => id));
  return {
    ...document,
    purposes: whole,
    fields: Array.from({ length: fields }, (_, at) => {
      const field = kinds[at % count];
      const copy = Math.floor(at / count);
      return copy === 0 ? field : { ...field, id: `${field.id}.copy${copy}` };
    }).filter(({ derived_from = [] }) => derived_from.every((id) => kept.has(id))),
    floor: Object.fromEntries(
      Object.entries(document.floor).map(([category, ids]) => [
        category,
        whole.map(({ id }) => id).filter((id) => ids.includes(id.replace(/^copy\d+\./, ''))),
      ]),
    ),
  };
}

/** @param {{ users: number, fields?: number, purposes?: number, warmUpMs: number, durationMs: number }} size */
export async function costOf({ users, fields, purposes, warmUpMs, durationMs }) {
  const document = grown(await referenceDocument(), { fields, purposes });
  const base = memory();
  const start = performance.now();
  const policy = compiled(document);
  const table = tabulate(policy);
  const compileMs = performance.now() - start;
  const state = emptyState();
  settle(state, policy, users);
  const resolution = resolved(state, table);
  const held = memory() - base;
  const resolveFrom = performance.now();
  state.detach(resolved(state, table));
  const resolveMs = performance.now() - resolveFrom;

  const clientPurposes = new Set(document.purposes.map(({ id }) => id));
  const facts = factsIndex(FACTS);
  const rate = answersPerSecond(
    ({ user, purpose, field }) =>
      decide(table, { purpose, action: 'read', field, clientPurposes, facts }, (place) =>
        resolution.of(resolution.classOf(user), place),
      ).permit,
    (seed) => {
      const draw = dice(seed);
      return JSON.parse(
        JSON.stringify(
          Array.from({ length: 50_000 }, () => ({
            user: idOf(draw(users)),
            purpose: document.purposes[draw(document.purposes.length)].id,
            field: document.fields[draw(document.fields.length)].id,
          })),
        ),
      );
    },
    { warmUpMs, durationMs },
  );
  return [
    { metric: 'time', unit: 'ns', value: 1e9 / rate },
    { metric: 'memory', unit: 'MB', value: held / 1e6 },
    { metric: 're-resolve', unit: 'ms', value: resolveMs },
    { metric: 'compile', unit: 'ms', value: compileMs },
  ];
}

/** A scenario that is a curve: its systems are its points. */
export function curve({ name, title, size, worst, points, quickPoints, sizeOf, axis }) {
  return {
    name,
    title,
    shape: 'one decision, in process, as in `decision`; one core; users, purposes and fields at random',
    size,
    worst,
    measures:
      'nanoseconds a decision; memory of policy, state and resolution; compiling a policy and its table; re-resolving the state for it',
    load: 'none but the loop',
    rounds: 1,
    axis,
    points,
    systems: points.map((point) => ({ name: String(point), title: point.toLocaleString('en'), note: '' })),
    targets: [],
    options: (quick) => ({
      ...(quick ? { warmUpMs: 100, durationMs: 200 } : { warmUpMs: 500, durationMs: 1_500 }),
      only: quick ? quickPoints : points,
      nodeArgs: ['--expose-gc', '--max-old-space-size=8192'],
    }),
    inProcess: {
      measure: (system, { warmUpMs, durationMs, only }) =>
        only.includes(Number(system))
          ? costOf({ ...sizeOf(Number(system)), warmUpMs, durationMs })
          : { skipped: 'not in a quick run' },
    },
  };
}
