/** The matrix: what each purpose may read, for one kind of person, and why not the rest. */
import { useMemo } from 'react';
import { Button } from 'react-aria-components';
import { AGE_BANDS } from '../../../../src/decision/consent-event.js';
import { UNKNOWN_REGION, textsIn } from '../../../../src/decision/policy.js';
import { type Reason, isReason } from '../../../../src/decision/reasons.js';
import { REASON_CODES } from '../../../../src/decision/table/table.js';
import { type Version, usePolicies, useVersion } from '../../api/policy.js';
import type { Matrix, Who } from '../../law/matrix.js';
import { csvOf, save } from '../../parts/csv.js';
import { type Change, useQueryState } from '../../parts/query.js';
import { Names } from '../../parts/sentence.js';
import { Said } from '../../parts/said.js';
import { short } from '../../parts/version-id.js';
import { sentenceOf } from '../../words/reasons.js';
import { useLanguage, useWords, useWordsOf } from '../../words/words.js';
import { MATRIX } from './words.js';
import { type Cell, Grid } from './grid.js';
import { signOf, toneOf } from './marks.js';
import './matrix.css';
import { useMatrix } from './use-matrix.js';
import { Why } from './why.js';

const SAID = ['nothing', 'granted', 'denied'] as const;
const USUAL = {
  version: 'current',
  regime: '',
  age: 'adult',
  said: 'nothing',
  gpc: 'off',
  with: '',
  find: '',
  reason: '',
  changed: '',
  cell: '',
};

/** Begins the member of the address that compares with another law. */
const LAW = 'law:';

export function MatrixView() {
  const own = useWordsOf(MATRIX);
  const language = useLanguage();
  const [asked, change] = useQueryState(USUAL);
  const policies = usePolicies();
  const version = useVersion(asked.version);
  const otherLaw = asked.with.startsWith(LAW) ? asked.with.slice(LAW.length) : undefined;
  const otherId = asked.with === '' || otherLaw !== undefined ? asked.version : asked.with;
  const other = useVersion(asked.with === '' ? undefined : otherId);
  const regimes = version.data?.document.regimes ?? [];
  const who: Who = {
    // no link shows cells under the name of another law
    regime:
      [...regimes.map(({ id }) => id), UNKNOWN_REGION].find((id) => id === asked.regime) ??
      regimes[0]?.id ??
      UNKNOWN_REGION,
    age: AGE_BANDS.find((age) => age === asked.age) ?? 'adult',
    said: SAID.find((said) => said === asked.said) ?? 'nothing',
    gpc: asked.gpc === 'on',
  };
  const matrix = useMatrix(version.data, who);
  const regimeAgainst = otherLaw === undefined ? who.regime : regimes.find(({ id }) => id === otherLaw)?.id;
  const against = useMatrix(
    other.data,
    asked.with === '' || regimeAgainst === undefined ? undefined : { ...who, regime: regimeAgainst },
  );
  const failed = version.error ?? matrix.error ?? other.error ?? against.error;
  // what the address names has its name in the choice, whether or not it is one of the last
  const named = [asked.version, otherLaw === undefined ? asked.with : ''].filter(
    (id) => id !== '' && id !== 'current',
  );
  const ids = [...new Set([...(policies.data?.versions ?? []).map(({ id }) => id), ...named])];
  return (
    <>
      <h1>{own.title}</h1>
      <div className="bar">
        <Choice label={own.version} value={asked.version} onChange={(value) => change({ version: value })}>
          <option value="current">{own.inForce}</option>
          {ids.map((id) => (
            <option key={id} value={id}>
              {short(id)}
            </option>
          ))}
        </Choice>
        <Choice label={own.regime} value={who.regime} onChange={(regime) => change({ regime })}>
          {regimes.map((one) => (
            <option key={one.id} value={one.id}>
              {textsIn(one, language).title}
            </option>
          ))}
          <option value={UNKNOWN_REGION}>{own.unknownRegime}</option>
        </Choice>
        <Choice label={own.age} value={who.age} onChange={(age) => change({ age })}>
          {AGE_BANDS.map((age) => (
            <option key={age} value={age}>
              {own.ages[age]}
            </option>
          ))}
        </Choice>
        <Choice label={own.said} value={who.said} onChange={(said) => change({ said })}>
          {SAID.map((said) => (
            <option key={said} value={said}>
              {own.answers[said]}
            </option>
          ))}
        </Choice>
        <Choice label={own.gpc} value={who.gpc ? 'on' : 'off'} onChange={(gpc) => change({ gpc })}>
          <option value="off">{own.sent.off}</option>
          <option value="on">{own.sent.on}</option>
        </Choice>
        <Choice label={own.compareWith} value={asked.with} onChange={(value) => change({ with: value })}>
          <option value="">{own.nothing}</option>
          {regimes
            .filter(({ id }) => id !== who.regime)
            .map((one) => (
              <option key={one.id} value={`${LAW}${one.id}`}>
                {own.otherRegime(textsIn(one, language).title)}
              </option>
            ))}
          {ids.map((id) => (
            <option key={id} value={id}>
              {own.otherVersion(short(id))}
            </option>
          ))}
        </Choice>
        <label>
          <span>{own.find}</span>
          <input
            type="search"
            value={asked.find}
            onChange={({ target }) => change({ find: target.value }, 'typed')}
          />
        </label>
        {asked.with === '' ? null : (
          <label className="check">
            <input
              type="checkbox"
              checked={asked.changed === 'only'}
              onChange={({ target }) => change({ changed: target.checked ? 'only' : '' })}
            />
            {own.onlyChanged}
          </label>
        )}
      </div>
      {version.data === undefined || regimeAgainst !== undefined ? null : (
        <p role="alert">
          <Names says={own.noSuchLaw(otherLaw ?? '')} />
        </p>
      )}
      {failed !== null ? <Said error={failed} again={() => void version.refetch()} /> : null}
      {matrix.data === undefined || version.data === undefined ? (
        failed === null && <Said busy />
      ) : (
        <Shown
          version={version.data}
          who={who}
          matrix={matrix.data}
          against={asked.with === '' ? undefined : against.data}
          asked={asked}
          change={change}
        />
      )}
    </>
  );
}

type ShownProps = {
  readonly version: Version;
  readonly who: Who;
  readonly matrix: Matrix;
  readonly against: Matrix | undefined;
  readonly asked: Readonly<Record<keyof typeof USUAL, string>>;
  readonly change: Change<typeof USUAL>;
};

function Shown({ version, who, matrix, against, asked, change }: ShownProps) {
  const words = useWords();
  const own = useWordsOf(MATRIX);
  const language = useLanguage();
  const { document } = version;
  const only = isReason(asked.reason) ? asked.reason : undefined;
  const reasonAt = useMemo(() => reasonsOf(matrix), [matrix]);
  const otherAt = useMemo(() => (against === undefined ? undefined : reasonsOf(against)), [against]);
  const { purposes, fields, counts } = useMemo(() => {
    const wanted = asked.find.trim().toLowerCase();
    const all = {
      purposes: document.purposes.map((one) => ({ id: one.id, title: textsIn(one, language).title })),
      fields: document.fields.map((one) => ({ id: one.id, title: textsIn(one, language).title })),
    };
    const namedBy = (words: readonly string[]) => {
      const fits = ({ id, title }: { readonly id: string; readonly title: string }) =>
        words.some((word) => `${id} ${title}`.toLowerCase().includes(word));
      return { purposes: all.purposes.filter(fits), fields: all.fields.filter(fits) };
    };
    const asOne = namedBy([wanted]);
    // a purpose and a field after each other name a cell
    const named = asOne.purposes.length + asOne.fields.length > 0 ? asOne : namedBy(wanted.split(/[\s,]+/));
    // who looks for a purpose sees all of its fields, and the other way round
    const found = {
      purposes: named.purposes.length === 0 ? all.purposes : named.purposes,
      fields: named.fields.length === 0 ? all.fields : named.fields,
    };
    const isNone = named.purposes.length === 0 && named.fields.length === 0;
    if (isNone) return { purposes: [], fields: [], counts: new Map<Reason, number>() };
    const differs = (purpose: string, field: string) =>
      asked.changed !== 'only' ||
      otherAt === undefined ||
      reasonAt(purpose, field) !== otherAt(purpose, field);
    const keeps = (purpose: string, field: string) =>
      (only === undefined || reasonAt(purpose, field) === only) && differs(purpose, field);
    const reasons = found.purposes.flatMap((purpose) =>
      found.fields.flatMap((field) =>
        differs(purpose.id, field.id) ? [reasonAt(purpose.id, field.id)] : [],
      ),
    );
    return {
      purposes: found.purposes.filter(({ id }) => found.fields.some((field) => keeps(id, field.id))),
      fields: found.fields.filter(({ id }) => found.purposes.some((purpose) => keeps(purpose.id, id))),
      counts: countsOf(reasons),
    };
  }, [document, language, asked.find, asked.changed, only, reasonAt, otherAt]);
  const cellAt = useMemo(
    () =>
      (row: number, column: number): Cell => {
        const [purpose, field] = [purposes[column]?.id ?? '', fields[row]?.id ?? ''];
        const reason = reasonAt(purpose, field);
        const was = otherAt?.(purpose, field);
        const label = own.cell(purpose, field, sentenceOf(reason, language));
        const isOther = was !== undefined && was !== reason;
        return {
          sign: signOf(reason),
          tone: toneOf(reason),
          label: isOther ? `${label}. ${own.was(sentenceOf(was, language))}` : label,
          change:
            isOther && (was === 'permitted') !== (reason === 'permitted') ? directionOf(reason) : undefined,
        };
      },
    [purposes, fields, reasonAt, otherAt, own, language],
  );
  const [purpose = '', field = ''] = asked.cell.split('/');
  const column = purposes.findIndex(({ id }) => id === purpose);
  const row = fields.findIndex(({ id }) => id === field);
  const chosen = row < 0 || column < 0 ? undefined : { row, column };
  return (
    <>
      <div className="legend" role="group" aria-label={own.reasons}>
        {[...counts].map(([reason, count]) => (
          <button
            key={reason}
            type="button"
            aria-pressed={only === reason}
            title={own.only(sentenceOf(reason, language))}
            onClick={() => change({ reason: only === reason ? '' : reason })}
          >
            <span data-tone={toneOf(reason)} aria-hidden="true">
              {signOf(reason)}
            </span>
            <code>{reason}</code> {count.toLocaleString(language)}
          </button>
        ))}
        {only === undefined ? null : <Button onPress={() => change({ reason: '' })}>{own.all}</Button>}
        <Button onPress={() => save('matrix.csv', 'text/csv', csvOf(rowsOf(version, who, matrix)))}>
          {words.exportTable}
        </Button>
        <Button onPress={() => print()}>{words.print}</Button>
      </div>
      {rowsAreEmpty(purposes, fields) ? (
        <p>{own.empty}</p>
      ) : (
        <div className="matrix-and-why">
          <Grid
            label={own.caption}
            rows={fields}
            columns={purposes}
            cellAt={cellAt}
            chosen={chosen}
            onChoose={(row, column) =>
              change({ cell: `${purposes[column]?.id ?? ''}/${fields[row]?.id ?? ''}` })
            }
          />
          <Why
            document={document}
            purpose={purpose}
            field={field}
            reason={chosen === undefined ? undefined : reasonAt(purpose, field)}
            was={otherAt?.(purpose, field)}
            source={chosen === undefined ? undefined : sourceOf(matrix, purpose, field)}
          />
        </div>
      )}
    </>
  );
}

function rowsAreEmpty(purposes: readonly unknown[], fields: readonly unknown[]): boolean {
  return purposes.length === 0 || fields.length === 0;
}

function directionOf(reason: Reason): 'opened' | 'closed' {
  return reason === 'permitted' ? 'opened' : 'closed';
}

/** The reason of a cell by its names; what a policy does not name is what it answers to unknown names. */
function reasonsOf({ purposes, fields, reasons }: Matrix): (purpose: string, field: string) => Reason {
  const columns = new Map(purposes.map((id, place) => [id, place]));
  const rows = new Map(fields.map((id, place) => [id, place]));
  return (purpose, field) => {
    const [column, row] = [columns.get(purpose), rows.get(field)];
    if (column === undefined) return 'unknown_purpose';
    if (row === undefined) return 'unknown_field';
    return REASON_CODES[reasons[column * fields.length + row] ?? 0] ?? 'consent_unavailable';
  };
}

function sourceOf({ purposes, fields, sources }: Matrix, purpose: string, field: string): string | undefined {
  return sources.get(purposes.indexOf(purpose) * fields.length + fields.indexOf(field));
}

/** How many cells have each reason, the permits first. */
function countsOf(reasons: readonly Reason[]): Map<Reason, number> {
  const counts = new Map<Reason, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const order = (reason: Reason) => (reason === 'permitted' ? -1 : REASON_CODES.indexOf(reason));
  return new Map([...counts].sort(([one], [other]) => order(one) - order(other)));
}

const COLUMNS = 'policy regime age answered gpc purpose field permitted reason conditions obligations'.split(
  ' ',
);

/** The whole matrix as a table, which says of whom it is. */
function rowsOf({ id, document }: Version, who: Who, matrix: Matrix): (string | number | null)[][] {
  const reasonAt = reasonsOf(matrix);
  return [
    COLUMNS,
    ...document.purposes.flatMap((purpose) =>
      document.fields.map((field) => {
        const reason = reasonAt(purpose.id, field.id);
        const isOpen = reason === 'permitted';
        return [
          id,
          who.regime,
          who.age,
          who.said,
          who.gpc ? 'yes' : 'no',
          purpose.id,
          field.id,
          isOpen ? 'yes' : 'no',
          reason,
          isOpen ? (purpose.conditions ?? []).join(' ') : '',
          isOpen ? (purpose.obligations ?? []).join(' ') : '',
        ];
      }),
    ),
  ];
}

type ChoiceProps = {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly children: React.ReactNode;
};

function Choice({ label, value, onChange, children }: ChoiceProps) {
  return (
    <label>
      <span>{label}</span>
      <select value={value} onChange={({ target }) => onChange(target.value)}>
        {children}
      </select>
    </label>
  );
}
