// Opens every screen of a running console in Chromium, light and dark, and lets axe look at it:
//   npm run smoke -- http://127.0.0.1:8080/console/local [topic] [group]
// Fails on a script error or on a serious finding. CHROMIUM names the browser, /usr/bin/chromium by default.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const [base = 'http://127.0.0.1:8080/console/local', topic, group] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const paths = ['', '/topics', '/groups', '/rebalances', '/replication', '/brokers', '/security', '/operations'];
if (topic) paths.push(...['records', 'partitions', 'groups', 'config', 'storage', 'producers', 'acks'].map((tab) => `/topics/${topic}?tab=${tab}`));
if (group) paths.push(`/groups/${group}`, `/rebalances?group=${group}`);

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
let findings = 0;
const report = (...words) => {
  findings++;
  console.error(...words);
};
for (const colorScheme of ['light', 'dark']) {
  // The policy forbids scripts from elsewhere, and axe is one.
  const context = await browser.newContext({ colorScheme, bypassCSP: true, viewport: { width: 1360, height: 850 } });
  const page = await context.newPage();
  page.on('pageerror', (error) => report(colorScheme, page.url(), error.message));
  for (const path of paths) {
    await page.goto(base + path);
    await page.locator('h1').first().waitFor();
    await page.locator('main [role=status] > .sr-only').first().waitFor({ state: 'detached' });
    await page.evaluate(axe);
    const { violations } = await page.evaluate('axe.run()');
    for (const found of violations) {
      if (found.impact === 'serious' || found.impact === 'critical') report(colorScheme, path, found.id, found.nodes[0].html);
    }
  }
  await context.close();
}
await browser.close();
console.log(`${paths.length} screens, light and dark: ${findings === 0 ? 'nothing serious' : `${findings} findings`}`);
process.exit(findings === 0 ? 0 : 1);
