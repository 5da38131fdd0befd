import type { Locator, Page } from 'playwright-core';

/** A person who has a keyboard and no mouse. Each stop must show where the focus is. */

/** More stops than a page has. */
const MOST_STOPS = 120;

const hasFocus = (target: Locator): Promise<boolean> =>
  target.first().evaluate((element) => element.contains(document.activeElement));

/** How the element that has the focus shows it; undefined where nothing shows. */
function focusMark(page: Page): Promise<string | undefined> {
  return page.evaluate(() => {
    const held = document.activeElement;
    if (held === null || held === document.body) return undefined;
    const shows = (element: Element, part?: string) => {
      const { outlineStyle, outlineWidth, visibility } = getComputedStyle(element, part);
      return visibility !== 'hidden' && outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
    };
    // React Aria puts the real input of a radio inside of what is seen
    const seen = [held, held.closest('label')].filter((element) => element !== null);
    // a range shows it on its thumb, whose style a script cannot read
    const isThumb = held instanceof HTMLInputElement && held.type === 'range';
    if (!isThumb && !seen.some((element) => shows(element))) return undefined;
    return (held.getAttribute('aria-label') ?? held.textContent ?? '').trim().slice(0, 60) || held.tagName;
  });
}

/** Presses Tab until the focus is there. @throws where it never comes */
export async function reach(page: Page, target: Locator): Promise<void> {
  await target.first().waitFor();
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    if (await hasFocus(target)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${target}`);
}

/** The same on a page of ours, whose stops show themselves. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await reach(page, target);
  if ((await focusMark(page)) === undefined) throw new Error(`no focus to be seen on ${target}`);
}

export async function pressOn(page: Page, target: Locator, key = 'Enter'): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press(key);
}

export async function typeInto(page: Page, target: Locator, text: string): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.type(text);
}

/** Chooses in a list by the letters of a choice, as its readers do. */
export async function choose(page: Page, target: Locator, label: string): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.type(label);
  const chosen = await target.evaluate((list) => (list as HTMLSelectElement).selectedOptions[0]?.label);
  if (chosen !== label) throw new Error(`typed "${label}", and "${chosen}" is chosen`);
}
