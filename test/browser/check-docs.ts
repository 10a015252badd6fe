import * as z from 'zod';
import { controlRoutes } from '../../shared/control-routes.ts';
import type { Page } from './page.ts';

const PHONE_WIDTH = 390;
const Names = z.array(z.string());

/** Follows the link of every route as a reader would, and names those that lead nowhere. */
const LOST = `(async (ids) => {
  // A busy browser scrolls some frames later.
  const MOST_FRAMES = 60;
  const lost = [];
  const frame = () => new Promise(requestAnimationFrame);
  const topOf = (id) => document.getElementById(id).getBoundingClientRect().top;
  const isThere = (id) => location.hash === '#' + id && topOf(id) >= 0 && topOf(id) <= innerHeight - 20;
  document.documentElement.style.scrollBehavior = 'auto';
  for (const id of ids) {
    const link = [...document.querySelectorAll('a[href="#' + id + '"]')].find((each) => each.offsetParent !== null);
    if (link === undefined) { lost.push(id + ' (no link)'); continue; }
    link.click();
    for (let frames = 0; frames < MOST_FRAMES && !isThere(id); frames += 1) await frame();
    if (!isThere(id)) lost.push(id + ' (' + Math.round(topOf(id)) + ')');
  }
  return lost;
})`;

/** What reaches beyond the screen, with everything unfolded; what scrolls by itself may. */
const OVERFLOWING = `(() => {
  for (const each of document.querySelectorAll('details')) each.open = true;
  const scrolls = (element) => element !== null && element !== document.body &&
    (/auto|scroll|hidden/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
  const wide = [...document.body.querySelectorAll('*')].filter((element) =>
    element.getBoundingClientRect().right > innerWidth + 1 && !scrolls(element.parentElement) && !scrolls(element));
  const page = document.scrollingElement.scrollWidth > innerWidth ? ['the page: ' + document.scrollingElement.scrollWidth] : [];
  return [...page, ...wide.slice(0, 5).map((element) => element.tagName + ' ' + element.textContent.slice(0, 60))];
})()`;

/** Texts that stand out too little from what is behind them (WCAG's ratio, 4.5), one of each colour. */
const FAINT = `(() => {
  const parts = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = (color) => {
    const [r, g, b] = parts(color).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const { backgroundColor } = getComputedStyle(element);
    if (parts(backgroundColor)[3] !== 0) return backgroundColor;
    return element.parentElement === null ? 'rgb(255, 255, 255)' : behind(element.parentElement);
  };
  const faint = new Map();
  for (const element of document.body.querySelectorAll('*')) {
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '')) continue;
    const [front, back] = [getComputedStyle(element).color, behind(element)];
    const [low, high] = [luminance(front), luminance(back)].sort((a, b) => a - b);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) faint.set(front + back, element.textContent.slice(0, 30) + ' ' + ratio.toFixed(1));
  }
  return [...faint.values()];
})()`;

async function isEmpty(page: Page, what: string, expression: string): Promise<void> {
  const found = Names.parse(await page.evaluate(expression));
  if (found.length > 0) throw new Error(`${what}: ${found.join(', ')}`);
}

export interface DocsOptions {
  url: string;
  /** Where pictures of each view go. */
  pictures?: string | undefined;
}

/** Where links lead and what is too wide is no matter of colours. */
async function checkLayout(page: Page, view: string): Promise<void> {
  const ids = controlRoutes.map(({ id }) => id);
  await isEmpty(page, `${view}: routes that their links do not lead to`, `${LOST}(${JSON.stringify(ids)})`);
  await isEmpty(page, `${view}: too wide`, OVERFLOWING);
}

/** The reference as readers see it: on a desk and on a phone, by day and by night. */
export async function checkDocs(page: Page, { url, pictures }: DocsOptions): Promise<void> {
  const picture = async (name: string) => {
    if (pictures !== undefined) await page.screenshot(`${pictures}/${name}.png`);
  };
  for (const width of [1280, PHONE_WIDTH]) {
    await page.prefer('light');
    await page.resize(width, 900);
    await page.open(`${url}/api/v1/docs`);
    await picture(`docs-${width}`);
    await checkLayout(page, `${width} px`);
    for (const scheme of ['light', 'dark'] as const) {
      await page.prefer(scheme);
      await isEmpty(page, `${width} px, ${scheme}: hard to read`, FAINT);
      await page.evaluate("document.getElementById('sendMessage').scrollIntoView()");
      await picture(`route-${width}-${scheme}`);
    }
  }
}
