/** The lineage of a field for people: as text, and as a graph. */
import type { LineageView } from './lineage.view.js';

type FieldView = LineageView['field'];

/** Text, with what a field is made of indented below it. */
export function lineageText({ field, made_of, made_into, purposes }: LineageView): string {
  const fields = new Map(made_of.map((source) => [source.field.id, source.field]));
  const width = Math.max(...[field, ...fields.values(), ...made_into].map(({ id }) => id.length), 0) + 8;
  const line = (one: FieldView, depth: number) =>
    `${'  '.repeat(depth)}${one.id}`.padEnd(width) + `  ${whatItIs(one)}`;
  const shown = new Set<string>();
  const below = (one: FieldView, depth: number): string[] =>
    one.derived_from.flatMap((id) => {
      const source = fields.get(id);
      if (source === undefined) return [];
      // what many are made of is written out once
      if (shown.has(id) && source.derived_from.length > 0) return [`${line(source, depth)}, see above`];
      shown.add(id);
      return [line(source, depth), ...below(source, depth + 1)];
    });
  const open = purposes.filter((one) => one.open);
  const closed = purposes.filter((one) => !one.open);
  const names = Math.max(...purposes.map(({ id }) => id.length), 0);
  return [
    `${field.id}: ${field.title}`,
    whatItIs(field),
    ...section('made of', below(field, 1)),
    ...section(
      'made into',
      made_into.map((one) => line(one, 1)),
    ),
    ...section(
      'open to',
      open.map(({ id, levels, obligations }) =>
        `  ${id.padEnd(names)}  ${[...levelsOf(levels), ...obligations].join(', ')}`.trimEnd(),
      ),
    ),
    ...section(
      'closed to',
      closed.map(({ id, reason, why }) => `  ${id.padEnd(names)}  ${reason}: ${why}`),
    ),
    '',
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

function whatItIs({ category, provenance, visibility, transform, release }: FieldView): string {
  return [
    ...(category === null ? [] : [category]),
    provenance,
    ...(visibility === null ? [] : [`visibility ${visibility}`]),
    ...(transform === null ? [] : [`made by ${transform}`]),
    ...(release === null ? [] : [releasedBy(release)]),
  ].join(', ');
}

function releasedBy({ method, at_least, by, review }: NonNullable<FieldView['release']>): string {
  const how = at_least === undefined ? (by ?? method) : `${method} of at least ${at_least} users`;
  return `released (${how}), review by ${review}`;
}

function levelsOf(levels: Readonly<Record<string, string>>): string[] {
  return Object.entries(levels).map(([group, level]) => `${group}: ${level} or wider`);
}

/**
 * A graph in the DOT language of Graphviz (https://graphviz.org/doc/info/lang.html): an arrow from each field to what is
 * made of it; a release is a double circle, and dashed is what counts by its floor alone.
 */
export function lineageDot({ field, made_of, made_into }: LineageView): string {
  const released = new Set(made_of.filter((one) => one.released).map((one) => one.field.id));
  const fields = [field, ...made_of.map((one) => one.field), ...made_into];
  const known = new Set(fields.map(({ id }) => id));
  const nodes = fields.map((one) => {
    const look = [
      `label=${quoted(`${one.id}\n${one.category ?? one.transform ?? ''}`)}`,
      ...(one.release === null ? [] : ['peripheries=2']),
      ...(released.has(one.id) ? ['style=dashed'] : []),
      ...(one.id === field.id ? ['penwidth=2'] : []),
    ];
    return `  ${quoted(one.id)} [${look.join(', ')}];`;
  });
  const arrows = fields.flatMap((one) =>
    one.derived_from
      .filter((source) => known.has(source))
      .map((source) => `  ${quoted(source)} -> ${quoted(one.id)} [label=${quoted(one.transform ?? '')}];`),
  );
  return [
    'digraph lineage {',
    '  rankdir=LR;',
    '  node [shape=box, fontname="sans-serif"];',
    ...nodes,
    ...arrows,
    '}',
    '',
  ].join('\n');
}

/** A quoted string of DOT. */
function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
