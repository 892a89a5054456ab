/** Where the process begins. */
import { setFlagsFromString } from 'node:v8';

// Modules load faster unoptimized: V8 would spend a third of a start's CPU time on code that runs once, half of it in
// Node's search for the exports of CommonJS modules. Nothing else runs in the meantime.
setFlagsFromString('--no-opt');
const { run } = await import('./start.js');
setFlagsFromString('--opt');

await run(process.env);
