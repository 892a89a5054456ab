/** The record of use: searched, counted, listed and exported. */
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { fileOf } from '../../api/api.js';
import { Problem } from '../../api/problem.js';
import { save } from '../../parts/csv.js';
import { useQueryState } from '../../parts/query.js';
import { Said } from '../../parts/said.js';
import { useWordsOf } from '../../words/words.js';
import { type Wanted, USUAL, wantedOf } from './asked.js';
import { Filters } from './filters.js';
import { Histogram } from './histogram.js';
import { List } from './list.js';
import { PartsApart } from './parts-apart.js';
import { People } from './people.js';
import './uses.css';
import { USES } from './words.js';

export function UsesView() {
  const own = useWordsOf(USES);
  const [asked, change] = useQueryState(USUAL);
  const wanted = wantedOf(asked);
  return (
    <>
      <h1>{own.title}</h1>
      <p className="quiet">{own.about}</p>
      <Filters asked={asked} change={change} />
      <PartsApart asked={asked} />
      <Histogram asked={asked} wanted={wanted} change={change} />
      <div className="uses-and-people">
        <section aria-labelledby="uses-list">
          <h2 id="uses-list">{own.list}</h2>
          <Exports wanted={wanted} />
          <List asked={asked} wanted={wanted} />
        </section>
        {asked.use === '' ? null : (
          <People key={asked.use} use={asked.use} close={() => change({ use: '' })} />
        )}
      </div>
    </>
  );
}

const FILES = {
  exportCsv: { type: 'text/csv', name: 'uses.csv' },
  exportLines: { type: 'application/x-ndjson', name: 'uses.ndjson' },
} as const;
const FILE_NAMES = ['exportCsv', 'exportLines'] as const;

function Exports({ wanted }: { readonly wanted: Wanted }) {
  const own = useWordsOf(USES);
  const [standing, setStanding] = useState<'none' | 'busy' | Error>('none');
  const load = (which: keyof typeof FILES) => {
    const { type, name } = FILES[which];
    setStanding('busy');
    void fileOf(`v1/uses?${new URLSearchParams(wanted).toString()}`, type).then(
      (file) => {
        save(name, type, file);
        setStanding('none');
      },
      (error: unknown) => setStanding(error instanceof Error ? error : new Problem('no_answer', 0, '')),
    );
  };
  return (
    <>
      <div className="bar">
        {FILE_NAMES.map((which) => (
          <Button key={which} isPending={standing === 'busy'} onPress={() => load(which)}>
            {own[which]}
          </Button>
        ))}
        <span role="status" className="quiet">
          {standing === 'busy' ? own.exporting : ''}
        </span>
      </div>
      {standing instanceof Error ? <Said error={standing} /> : null}
    </>
  );
}
