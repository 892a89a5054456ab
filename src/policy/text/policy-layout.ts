/**
 * A policy as the files of a folder, laid out as `policies/` is: the frame, a file for the clients, one for visibility,
 * one for transforms, one for removed fields, one for each branch of the purposes and one for each category of fields.
 * Read again, the files give the same version. Its order is part of it, and files are read in the order of their names,
 * so entries that would come out of order stay in the previous file.
 */
import { type PolicyDocument, type Purpose, lineageOf } from '../../decision/policy.js';
import { writePolicyYaml } from './policy-writer.js';

/** The content of each file, by its path in the folder. */
export type PolicyLayout = ReadonlyMap<string, Partial<PolicyDocument>>;

/** Lays out a sound document. */
export function layoutOf(document: PolicyDocument): PolicyLayout {
  const { purposes, fields, clients, visibility, transforms, removed, ...frame } = document;
  const byId = new Map(purposes.map((purpose) => [purpose.id, purpose]));
  const branches = parts(purposes, (purpose) => branchOf(purpose, byId));
  const categories = parts(fields, ({ category }) => category ?? 'derived');
  return new Map<string, Partial<PolicyDocument>>([
    ['policy.yaml', frame],
    ...(visibility === undefined ? [] : [['visibility.yaml', { visibility }] as const]),
    ...(transforms === undefined ? [] : [['transforms.yaml', { transforms }] as const]),
    ...(removed === undefined ? [] : [['removed.yaml', { removed }] as const]),
    ...(clients === undefined ? [] : [['clients.yaml', { clients }] as const]),
    ...branches.map(([name, part]) => [`purposes/${name}.yaml`, { purposes: part }] as const),
    ...categories.map(([name, part]) => [`fields/${name}.yaml`, { fields: part }] as const),
  ]);
}

/**
 * The text of a file.
 *
 * @param schema path of the schema for editors, relative to the file; absent: none
 */
export function textOfFile(content: Partial<PolicyDocument>, schema?: string): string {
  const head = schema === undefined ? '' : `# yaml-language-server: $schema=${schema}\n`;
  return head + writePolicyYaml(content);
}

/** The first part of the id of a purpose's topmost ancestor. */
function branchOf({ id }: Purpose, purposes: ReadonlyMap<string, Purpose>): string {
  const [top = id] = [...lineageOf(id, purposes)].reverse();
  return top.split('.')[0] ?? top;
}

type Part<T> = readonly [name: string, entries: readonly T[]];

/** Splits consecutive entries into as many parts as possible with names in order. */
function parts<T>(entries: readonly T[], nameOf: (entry: T) => string): Part<T>[] {
  const names = entries.map(nameOf);
  const starts = longestRise(names);
  return starts.map((start, index) => [names[start] ?? '', entries.slice(start, starts[index + 1])]);
}

/** The indexes of the longest increasing sequence of names that begins with the first. */
function longestRise(names: readonly string[]): number[] {
  const best: { readonly length: number; readonly before: number | undefined }[] = [];
  for (const [place, name] of names.entries()) {
    let found: { length: number; before: number | undefined } =
      place === 0 ? { length: 1, before: undefined } : { length: -Infinity, before: undefined };
    for (let before = 0; before < place; before++) {
      const length = (best[before]?.length ?? 0) + 1;
      // INVARIANT: by UTF-16 units, as the files of a folder are sorted when they are read
      if (length > found.length && (names[before] ?? '') < name) found = { length, before };
    }
    best.push(found);
  }
  const places: number[] = [];
  let place: number | undefined = best.reduce(
    (top, { length }, at) => (length > (best[top]?.length ?? 0) ? at : top),
    0,
  );
  for (; place !== undefined && best.length > 0; place = best[place]?.before) places.unshift(place);
  return places;
}
