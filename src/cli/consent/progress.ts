/** Progress of long work, on standard error: a bar on a terminal, otherwise a line at intervals. */
import { paint } from '../terminal.js';

const BAR_WIDTH = 24;
const ON_TERMINAL_MS = 100;
const ELSEWHERE_MS = 5_000;

export class Progress {
  private readonly started = performance.now();
  private last = performance.now();
  private shown = false;
  /** Where it began: skipped lines are not work. */
  private first: { readonly count: number; readonly part: number } | undefined;

  /** @param what is counted, in the plural */
  constructor(private readonly what: string) {}

  /** @param part of the work that is done, 0 to 1; absent when nobody knows */
  at(count: number, part: number | undefined): void {
    this.first ??= { count, part: part ?? 0 };
    const now = performance.now();
    if (now - this.last < (process.stderr.isTTY ? ON_TERMINAL_MS : ELSEWHERE_MS)) return;
    this.last = now;
    const seconds = (now - this.started) / 1000;
    const rate = (count - this.first.count) / seconds;
    const left =
      part === undefined || part <= this.first.part
        ? ''
        : `, ${durationText(((1 - part) * seconds) / (part - this.first.part))} left`;
    const told = `${count.toLocaleString('en')} ${this.what}, ${Math.round(rate).toLocaleString('en')} a second${left}`;
    if (!process.stderr.isTTY) return void process.stderr.write(`${told}\n`);
    this.shown = true;
    process.stderr.write(`\r${part === undefined ? '' : `${barOf(part)} `}${told}\u001B[K`);
  }

  /** Removes the bar, to print something else. */
  clear(): void {
    if (this.shown) process.stderr.write('\r\u001B[K');
    this.shown = false;
  }
}

function barOf(part: number): string {
  const full = Math.round(Math.min(1, part) * BAR_WIDTH);
  const percent = `${Math.floor(part * 100)} %`.padStart(5);
  return `${paint('green', '█'.repeat(full))}${'░'.repeat(BAR_WIDTH - full)} ${percent}`;
}

function durationText(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
