// Chromium with axe, and the few words in which the labs speak about the console.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { output, until } from './world.mjs';

const modules = createRequire(join(process.env.MILLRACE_HOME, 'console-ui/ui/package.json'));
const { chromium } = modules('playwright-core');
const axe = readFileSync(modules.resolve('axe-core/axe.min.js'), 'utf8');
const desktop = { width: 1360, height: 850 };
const phone = { width: 390, height: 844 };

export async function startBrowser(base) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  const troubles = [];
  const newPage = async (options = {}) => {
    // The policy forbids scripts from elsewhere, and axe is one.
    const context = await browser.newContext({ bypassCSP: true, viewport: desktop, locale: 'en-GB', reducedMotion: 'reduce', ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    page.on('pageerror', (error) => troubles.push(`${page.url()}: ${error.message}`));
    return page;
  };
  return { newPage, troubles, open: (page, path) => open(page, base + path), survey: (screens) => survey(newPage, base, screens), close: () => browser.close() };
}

/** Opens a screen and waits until nothing on it is loading any more. */
async function open(page, url) {
  await page.goto(url);
  await page.locator('h1').first().waitFor();
  await page.waitForFunction(() => !document.querySelector('main [role=status] > .sr-only'));
}

/** How many partitions each client of the open group page owns, by client id. */
export async function owned(page) {
  const rows = page.getByRole('region', { name: 'Who reads what' }).locator('tbody tr');
  return Object.fromEntries(await rows.evaluateAll((all) => all.map((row) => [row.querySelector('th span').firstChild.textContent.trim(), row.querySelectorAll('td .sr-only').length])));
}

/** The numbers of partitions owned, largest first, as text: "2 1". */
export async function shares(page) {
  return Object.values(await owned(page)).sort((a, b) => b - a).join(' ');
}

export const button = (page, name) => page.getByRole('button', { name, exact: true });
export const dialogButton = (page, name) => page.locator('dialog[open]').getByRole('button', { name, exact: true });

const looks = [['desktop', desktop, 'light', 'en-GB'], ['desktop', desktop, 'dark', 'en-GB'], ['phone', phone, 'light', 'en-GB'], ['phone', phone, 'dark', 'en-GB']];
/** Korean is of another length: once is enough to see whether it fits, `CONSOLE_LOOKS=all` photographs it in all of them. */
const korean = looks.map(([device, viewport, scheme]) => [device, viewport, scheme, 'ko-KR']);

/** Every screen, light and dark, on a desktop and on a phone, in English and Korean: photographed, looked at by axe, not wider than its window. Two looks at a time, as machines have two cores. */
async function survey(newPage, base, screens) {
  const left = [...looks, ...(process.env.CONSOLE_LOOKS === 'all' ? korean : korean.slice(2, 3))];
  const findings = [];
  const worker = async () => {
    for (let look = left.shift(); look; look = left.shift()) findings.push(...(await surveyIn(look, newPage, base, screens)));
  };
  await Promise.all([worker(), worker()]);
  return findings;
}

async function surveyIn([device, viewport, colorScheme, locale], newPage, base, screens) {
  const findings = [];
  const page = await newPage({ viewport, colorScheme, locale });
  for (const [name, path] of screens) {
    const screen = `${name}-${colorScheme}-${device}${locale.startsWith('ko') ? '-ko' : ''}`;
    await open(page, base + path);
    await page.screenshot({ path: join(output, 'screens', `${screen}.png`) });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 0) findings.push(`${screen}: ${wide} pixels wider than its window`);
    await page.evaluate(axe);
    const { violations } = await page.evaluate('axe.run()');
    for (const found of violations) {
      if (found.impact === 'serious' || found.impact === 'critical') findings.push(`${screen}: ${found.id}: ${found.nodes[0].html}`);
    }
  }
  await page.context().close();
  return findings;
}

export async function sees(page, text, limitMs) {
  await until(`${page.url()} shows "${text}"`, () => page.getByText(text).first().isVisible(), limitMs);
}
