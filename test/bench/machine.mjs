/** The machine that a run is made on: what it is, and how processes are kept on one core of it. */
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { availableParallelism, cpus, platform, release, totalmem } from 'node:os';

/** Core of the system that is measured, and core of what asks it. */
export const SERVER_CORE = 0;
export const LOAD_CORE = 1;
/** Where several systems share the machine as its scheduler sees fit. */
export const ANY_CORE = `0-${availableParallelism() - 1}`;

const canPin =
  platform() === 'linux' &&
  availableParallelism() > 1 &&
  spawnSync('taskset', ['-c', '0', 'true'], { stdio: 'ignore' }).status === 0;

/** The command line that keeps a process on a core; the plain one where that cannot be done. */
export function pinned(core, command, args) {
  return canPin ? ['taskset', ['-c', String(core), command, ...args]] : [command, args];
}

export function machine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    pinned: canPin,
  };
}

/** Seconds of processor time that a process and its children have used, by /proc; `undefined` where there is no /proc. */
export function cpuSecondsOf(pid) {
  const children = new Map();
  const used = new Map();
  try {
    for (const each of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const fields = fieldsOf(each);
      if (fields === undefined) continue;
      const parent = Number(fields[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(each)]);
      used.set(Number(each), (Number(fields[11]) + Number(fields[12])) / 100);
    }
  } catch {
    return undefined;
  }
  const total = (one) =>
    (used.get(one) ?? 0) + (children.get(one) ?? []).reduce((sum, child) => sum + total(child), 0);
  return total(pid);
}

/** What /proc says of a process after its name; `undefined` when it has ended. */
function fieldsOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ');
  } catch {
    return undefined;
  }
}

/** Bytes of memory that a process holds now, and at most held, by /proc. */
export function memoryOf(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = (name) =>
      Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? Number.NaN);
    return { now: kilobytes('VmRSS') * 1024, peak: kilobytes('VmHWM') * 1024 };
  } catch {
    return { now: Number.NaN, peak: Number.NaN };
  }
}
