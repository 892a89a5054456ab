/** The matrix of the console, as somebody meets it who goes through it: how long it takes to come, and how it scrolls. */
import { inTime } from './browser.mjs';

/** Whose law is asked about: with each of these the engine has not been asked before. */
const AGES = ['adult', 'minor', 'unknown'];
/** Faster than a wheel turns: at 60 frames a second, more than a row and a column with each. */
const PIXELS_PER_SECOND = 1_800;
/** Of so many frames, one is looked at. */
const LOOK_EVERY = 5;
export const WAYS = ['down', 'across', 'both ways'];

/**
 * @param {import('playwright-core').BrowserContext} context of an admin
 * @param {string} url
 * @param {string[]} laws ids of the policy in force
 * @param {number} most clicks
 * @returns milliseconds of each click on a law that was not asked about before, and of each return from another view
 */
export async function drawnIn(context, url, laws, most) {
  const page = await openedOn(context, `${url}/console/matrix`);
  const chosen = [];
  let stands = laws[0];
  for (const [at, age] of AGES.entries()) {
    // with another age, the law that stands there is asked about
    if (at > 0) await inTime(page.evaluate(choose, { label: 'Age', value: age }), page);
    const before = stands;
    for (const law of laws.filter((one) => one !== before).slice(0, most - chosen.length)) {
      const how = { label: 'Law where the person lives', value: law };
      chosen.push(await inTime(page.evaluate(choose, how), page));
      stands = law;
    }
    if (chosen.length >= most) break;
  }
  const returned = [];
  for (let time = 0; time < chosen.length; time++) {
    await inTime(page.evaluate(goTo, { name: 'Home', wanted: '#view .waiting, #view h1' }), page);
    returned.push(await inTime(page.evaluate(goTo, { name: 'Matrix', wanted: '[role="grid"]' }), page));
  }
  await page.close();
  return { chosen, returned };
}

async function openedOn(context, address) {
  const page = await context.newPage();
  await page.goto(address);
  await page.locator('[role="gridcell"]').first().waitFor();
  return page;
}

/**
 * Runs in the page: chooses in one of the lists above the matrix.
 *
 * @returns milliseconds until the matrix is painted that was not there before
 */
async function choose({ label, value }) {
  const select = [...document.querySelectorAll('#view label')]
    .find(({ firstChild }) => firstChild.textContent === label)
    .querySelector('select');
  const before = document.querySelector('[role="grid"]');
  const began = performance.now();
  const painted = new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      const grid = document.querySelector('[role="grid"]');
      if (grid === null || grid === before || select.value !== value) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(resolve));
    });
    observer.observe(document.querySelector('#view'), { childList: true, subtree: true });
  });
  select.value = value;
  select.dispatchEvent(new Event('change', { bubbles: true }));
  await painted;
  return performance.now() - began;
}

/** Runs in the page: goes to another view. @returns milliseconds until what is wanted there is painted */
async function goTo({ name, wanted }) {
  const link = [...document.querySelectorAll('nav a')].find(({ textContent }) => textContent.trim() === name);
  const before = document.querySelector('#view h1');
  const began = performance.now();
  const painted = new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      if (document.querySelector('#view h1') === before || document.querySelector(wanted) === null) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(resolve));
    });
    observer.observe(document.body, { childList: true, subtree: true });
  });
  link.click();
  await painted;
  return performance.now() - began;
}

/**
 * @param {import('playwright-core').BrowserContext} context of an admin
 * @param {string} url
 * @param {number} ms how long it is scrolled each way
 * @returns by way, frames a second, and the longest time between two in milliseconds
 */
export async function scrolledIn(context, url, ms) {
  const page = await openedOn(context, `${url}/console/matrix`);
  const found = {};
  for (const way of WAYS) {
    const how = {
      down: way !== 'across',
      across: way !== 'down',
      ms,
      pixelsPerSecond: PIXELS_PER_SECOND,
      lookEvery: LOOK_EVERY,
    };
    found[way] = await inTime(page.evaluate(scroll, how), page);
  }
  await page.close();
  return found;
}

/** Runs in the page: scrolls by time, to and fro, and counts the frames. */
async function scroll({ across, down, ms, pixelsPerSecond, lookEvery }) {
  const frame = document.querySelector('.matrix-frame');
  const [wide, high] = [frame.scrollWidth - frame.clientWidth, frame.scrollHeight - frame.clientHeight];
  const toAndFro = (place, most) => most - Math.abs((place % (2 * most)) - most);
  const began = await new Promise(requestAnimationFrame);
  const times = [began];
  const { left, top, right, bottom } = frame.getBoundingClientRect();
  // two corners, inside of the headings and of the scroll bars
  const corners = [
    [right - 30, bottom - 30],
    [left + 250, top + 165],
  ];
  let [looked, empty] = [0, 0];
  for (let now = began; now - began < ms;) {
    const place = ((now - began) * pixelsPerSecond) / 1000;
    frame.scrollTo(across * toAndFro(place, wide), down * toAndFro(place, high));
    now = await new Promise(requestAnimationFrame);
    times.push(now);
    // seldom, since looking takes time as well
    if (times.length % lookEvery !== 0) continue;
    const [x, y] = corners[++looked % 2];
    if (document.elementFromPoint(x, y)?.closest('[role="gridcell"]') === null) empty++;
  }
  const gaps = times.slice(1).map((time, at) => time - times[at]);
  return {
    perSecond: (gaps.length * 1000) / (times.at(-1) - began),
    longest: Math.max(...gaps),
    empty: looked === 0 ? 0 : empty / looked,
  };
}
