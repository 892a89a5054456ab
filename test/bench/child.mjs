// One measurement in a process of its own: `node child.mjs <scenario file> <answers|measure> <system> <options as JSON>`.
const [file, what, system, options] = process.argv.slice(2);
const { default: scenario } = await import(new URL(`scenarios/${file}`, import.meta.url).href);
const result = await scenario.inProcess[what](system, JSON.parse(options));
process.stdout.write(`\n${JSON.stringify(result)}\n`, () => process.exit(0));
