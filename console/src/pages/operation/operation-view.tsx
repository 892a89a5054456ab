/** How the service runs: its processes, what is brought into it, who asks it, and what figures were paid for. */
import { ForWhoMay } from '../../parts/answer.js';
import { useWordsOf } from '../../words/words.js';
import { Budgets } from './budgets.js';
import { Clients } from './clients.js';
import { Imports } from './imports.js';
import { Processes } from './processes.js';
import { OPERATION } from './words.js';

export function OperationView() {
  const own = useWordsOf(OPERATION);
  return (
    <>
      <h1>{own.title}</h1>
      <ForWhoMay route="GET /v1/processes" title={own.processes.title}>
        <Processes />
      </ForWhoMay>
      <ForWhoMay route="GET /v1/imports" title={own.imports.title}>
        <Imports />
      </ForWhoMay>
      <ForWhoMay route="GET /v1/policies/{id}" title={own.clients.title}>
        <Clients />
      </ForWhoMay>
      <ForWhoMay route="GET /v1/budgets" title={own.budgets.title}>
        <Budgets />
      </ForWhoMay>
    </>
  );
}
