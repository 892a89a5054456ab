// Takes decisions down in a folder until it is killed. Says on standard output which of them it was told are recorded (+)
// or are not (-), and when the record fails (!) and works again (=).
import { writeSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { openRecord } from '../../../dist/record/keeping/open-record.js';

const [folder = '', mode = 'on', name = ''] = process.argv.slice(2);
const say = (line) => writeSync(1, `${line}\n`);
const PERMIT = { permit: true, reason: 'permitted', obligations: [] };
const FIELDS = ['email', 'phone', 'message.text'];

const { recording, close } = await openRecord({ mode, folder, days: 0, log: 'log' }, Date.now, {
  onTrouble: () => say('!'),
  onWorking: () => say('='),
  onCut: () => undefined,
  onNotClosed: () => undefined,
  onRemoved: () => undefined,
  onNotRemoved: () => undefined,
  onLeap: () => undefined,
});

const ending = new AbortController();
process.on('SIGTERM', () => ending.abort());
for (let index = 0; !ending.signal.aborted; index++) {
  // as the service: nothing is taken down that cannot be recorded
  while (!recording.isAvailable && !ending.signal.aborted) await turn();
  const request = `${name}${index}`;
  const asked = { at: Date.now(), client: 'c', request, policy: 'p', revision: index, actor: 'automated' };
  recording.begin(asked);
  for (let count = 0; count <= index % 5; count++)
    recording.decision('ads', FIELDS[count % 3], undefined, index, PERMIT);
  recording.end();
  const isBinding = index % 4 === 0;
  const settled = recording.settled(isBinding);
  if (settled === undefined) say(`.${request}`);
  else void settled.then((isWritten) => say(`${isWritten ? '+' : '-'}${request}`));
  if (index % 7 === 0) await turn();
}
await close();
say('closed');
