/** The service without its HTTP, wired as `src/parts.ts` and `src/app.module.ts` do, on any store and any clock. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { ConsentLog } from '../src/consent/log/consent-log.js';
import type { ConsentStore } from '../src/consent/log/consent.store.js';
import { Lapses } from '../src/consent/log/settlement/lapses.js';
import { StateInForce } from '../src/consent/log/state-in-force.js';
import { Choices } from '../src/consent/settings/changes/choices.js';
import { Hearing } from '../src/consent/settings/gpc/hearing.js';
import { SettingsService } from '../src/consent/settings/settings.service.js';
import { TakingBack } from '../src/consent/settings/changes/taking-back.js';
import { Visibility } from '../src/consent/settings/visibility.js';
import { Signals } from '../src/consent/signals/signals.service.js';
import { Imports } from '../src/consent/transfer/imports.js';
import { Erasures } from '../src/consent/upkeep/erasures.js';
import { LapseWalk } from '../src/consent/upkeep/times/lapse-walk.js';
import type { SureTime } from '../src/consent/upkeep/times/sure-time.js';
import { Timekeeper } from '../src/consent/upkeep/times/timekeeper.js';
import type { ConsentState } from '../src/decision/state/consent-state.js';
import { DecisionRecords } from '../src/evaluation/decision-records.js';
import { EvaluationService } from '../src/evaluation/evaluation.service.js';
import { Extracts } from '../src/extracts/extracts.js';
import type { PolicyService } from '../src/policy/policy.service.js';
import { MemoryExtractStore } from './memory/memory-extract.store.js';
import { MemoryRecording } from './memory/memory-recording.js';

/** The consent management platform that writes TC strings. */
export const CMP = 300;

/** Takes what goes wrong behind the back of a test for a failure of it. */
export const noTrouble = (error: unknown): void => expect.unreachable(String(error));

export type LogOptions = {
  /** What it goes on from. */
  readonly state?: ConsentState | undefined;
  /** By default, trouble fails the test. */
  readonly onTrouble?: (error: unknown) => void;
};

/** A log that has read its store. */
export async function followedLog(
  store: ConsentStore,
  { state, onTrouble = noTrouble }: LogOptions = {},
): Promise<ConsentLog> {
  const log = new ConsentLog(store, onTrouble, state);
  await log.follow();
  return log;
}

/** @param sure by default the clock can be believed */
export function timekeeperOf(
  log: ConsentLog,
  store: ConsentStore,
  now: () => number,
  sure: Pick<SureTime, 'at'> = { at: async (time) => time },
): Timekeeper {
  return new Timekeeper(log, store, now, sure, {
    onMet: () => undefined,
    onTrouble: noTrouble,
    onDone: () => undefined,
  });
}

export type House = Awaited<ReturnType<typeof houseOn>>;

/** Everything that says, changes and reads what users said. Its timekeeper is not started. */
export async function houseOn(
  store: ConsentStore,
  policies: PolicyService,
  now: () => number = () => 0,
  options: LogOptions = {},
) {
  const log = await followedLog(store, options);
  log.lapsesBy(new Lapses(policies));
  const state = new StateInForce(log, policies);
  const recording = new MemoryRecording();
  const settings = new SettingsService(state, policies, store, now);
  return {
    log,
    state,
    recording,
    settings,
    choices: new Choices(log, policies, now),
    takingBack: new TakingBack(log, policies, store, now),
    visibility: new Visibility(log, policies, now),
    hearing: new Hearing(log, state, now),
    signals: new Signals(log, policies, settings, store, now, CMP),
    imports: new Imports(log, store, policies, now, async (time) => time),
    extracts: new Extracts(new MemoryExtractStore(), policies, state, randomUUID, now, noTrouble),
    erasures: new Erasures(log, undefined, now),
    evaluation: new EvaluationService(policies, state, 0, new DecisionRecords(recording, state, now)),
    time: timekeeperOf(log, store, now),
    lapses: new LapseWalk(log, store, now, {
      onSet: () => undefined,
      onTrouble: noTrouble,
      onDone: () => undefined,
    }),
  };
}
