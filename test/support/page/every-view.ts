import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** What every page and every dialog of the workstation must bear, looked at in one place. */

/** Colours differ by theme alone, and what is where by size alone: no size but the first needs both themes. */
const small = [
  ['1280', { width: 1280, height: 800 }, ['dark', 'light']],
  ['phone', { width: 390, height: 844 }, ['light']],
  // a window of 1280 by 800, at 200 %
  ['zoomed', { width: 640, height: 400 }, ['dark']],
] as const;
const large = [
  ['1920', { width: 1920, height: 1080 }, ['dark']],
  ['portrait', { width: 1200, height: 1920 }, ['light']],
] as const;
/** WCAG 2.5.8, CSS pixels. */
const LEAST_TARGET = 24;
const MOST_STOPS = 60;

const setTheme = (page: Page, theme: string) =>
  page.evaluate((name) => {
    document.documentElement.dataset.theme = name;
  }, theme);

/** What axe finds, as lines to read. */
async function violations(page: Page): Promise<readonly string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.addScriptTag({ content: axe.source });
  const found = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run({ resultTypes: ['violations'] }),
  );
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

/** Targets of fingers and mice that are too small, but for links inside of a sentence. */
const smallTargets = (page: Page) =>
  page.evaluate((least) => {
    const targets = document.querySelectorAll<HTMLElement>(
      'a[href], button, select, textarea, summary, input:not([type=radio], [type=range]), label.kind',
    );
    return [...targets]
      .filter((target) => target.checkVisibility() && !target.matches('p a, .past, [style*="width: 1px"]'))
      .map((target) => ({ target, box: target.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.width < least || box.height < least))
      .map(({ target, box }) => `${target.outerHTML.slice(0, 120)} ${box.width} x ${box.height}`);
  }, LEAST_TARGET);

/** Controls over which something else lies, wherever the page is scrolled to. */
const covered = (page: Page) =>
  page.evaluate(() => {
    const controls = document.querySelectorAll<HTMLElement>(
      'main a[href], main button, main select, main textarea',
    );
    return [...controls]
      .filter((control) => control.checkVisibility() && control.closest('.hidden') === null)
      .filter((control) => {
        control.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
        const { left, top, width, height } = control.getBoundingClientRect();
        const there = document.elementFromPoint(left + width / 2, top + height / 2);
        return there === null || !(control.contains(there) || there.contains(control));
      })
      .map((control) => control.outerHTML.slice(0, 120));
  });

/** Text that a box hides. */
const hiddenText = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('body *')]
      .filter((element) => {
        if (element.closest('svg, canvas, .hidden, .uplot, select') !== null) return false;
        if (![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim()))
          return false;
        const { overflowX, overflowY } = getComputedStyle(element);
        const cut = (overflow: string) => overflow === 'hidden' || overflow === 'clip';
        return (
          (cut(overflowX) && element.scrollWidth > element.clientWidth + 1) ||
          (cut(overflowY) && element.scrollHeight > element.clientHeight + 1)
        );
      })
      .map((element) => element.outerHTML.slice(0, 120)),
  );

/** How many CSS pixels of the page lie beside the window. */
const beside = (page: Page) =>
  page.evaluate(async () => {
    const scrolls = [...document.querySelectorAll<HTMLElement>('html, main')];
    const over = () => Math.max(...scrolls.map(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth));
    // plots follow the size of their place once it is drawn
    for (let frame = 0; frame < 60 && over() > 0; frame++)
      await new Promise((drawn) => requestAnimationFrame(() => drawn(undefined)));
    return over();
  });

/** Text spacing of WCAG 1.4.12. */
const SPACING =
  '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }';

/** Stops of Tab that do not show themselves. */
async function unseenStops(page: Page): Promise<readonly string[]> {
  const unseen: string[] = [];
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    await page.keyboard.press('Tab');
    const said = await page.evaluate(() => {
      const held = document.activeElement;
      if (held === null || held === document.body) return { isEnd: true, unseen: undefined };
      const isEnd = held.hasAttribute('data-seen');
      held.setAttribute('data-seen', '');
      const shows = (element: Element) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
      };
      // React Aria puts the real input of a radio inside of what is seen; a range shows it on its thumb
      const isShown =
        shows(held) ||
        [...document.querySelectorAll('label:focus-within')].some(shows) ||
        held.matches('input[type=range]');
      return { isEnd, unseen: isShown ? undefined : held.outerHTML.slice(0, 160) };
    });
    if (said.unseen !== undefined) unseen.push(said.unseen);
    if (said.isEnd) break;
  }
  return unseen;
}

export interface View {
  /** Of the files that are kept of it. */
  readonly name: string;
  /** The picture of a case needs both directions, which WCAG 1.4.10 allows. */
  readonly needsWidth?: boolean;
  /** It lies over a page that is looked at itself. */
  readonly isDialog?: boolean;
}

/** Looks at what a page shows now, in every size; keeps its pictures and what a screen reader is given. */
export async function checkView(
  page: Page,
  folder: string,
  { name, needsWidth = false, isDialog = false }: View,
): Promise<void> {
  const said: string[] = [];
  const note = (where: string, lines: readonly string[]) =>
    said.push(...lines.map((line) => `${name}, ${where}: ${line}`));
  writeFileSync(join(folder, `${name}.txt`), `${await page.locator('body').ariaSnapshot()}\n`);
  const axed: readonly unknown[] = small;
  for (const look of isDialog ? small : [...small, ...large]) {
    const [size, viewport, themes] = look;
    await page.setViewportSize(viewport);
    for (const theme of themes) {
      await setTheme(page, theme);
      await page.screenshot({ path: join(folder, `${name}-${theme}-${size}.png`), animations: 'disabled' });
      if (axed.includes(look)) note(`${theme} ${size}`, await violations(page));
    }
    note(size, await smallTargets(page));
    if (!isDialog) note(`${size}, covered`, await covered(page));
    if (!needsWidth && (await beside(page)) > 0) note(size, ['is wider than its window']);
  }
  await setTheme(page, 'dark');
  await page.setViewportSize({ width: 320, height: 640 });
  if (!needsWidth && (await beside(page)) > 0) note('320', ['is wider than its window']);
  await page.setViewportSize({ width: 1280, height: 800 });
  const spacing = await page.addStyleTag({ content: SPACING });
  note('spaced', await hiddenText(page));
  if ((await beside(page)) > 0) note('spaced', ['is wider than its window']);
  await spacing.evaluate((element) => (element as Element).remove());
  await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
  await beside(page);
  await page.screenshot({ path: join(folder, `${name}-forced.png`), animations: 'disabled' });
  const moving = await page.evaluate(() => document.getAnimations().length);
  if (moving > 0) note('reduced motion', [`${moving} animations`]);
  await page.emulateMedia({ forcedColors: 'none', reducedMotion: 'no-preference' });
  note('focus', await unseenStops(page));
  expect(said).toEqual([]);
}

/** The same page from right to left, with longer sentences. */
export async function checkMirrored(
  page: Page,
  folder: string,
  { name, needsWidth = false }: View,
): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.dir)).toBe('rtl');
  await page.screenshot({ path: join(folder, `${name}-pseudo.png`), animations: 'disabled' });
  const wide = !needsWidth && (await beside(page)) > 0 ? [`${name} is wider than its window`] : [];
  expect([...wide, ...(await violations(page)), ...(await hiddenText(page))]).toEqual([]);
}
