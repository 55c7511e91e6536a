// Fails the build when what the first route loads grows past its budget.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const budgetBytes = 200 * 1024;
const manifest = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8'));
const files = new Set();
const visit = (key) => {
  const chunk = manifest[key];
  if (!chunk || files.has(chunk.file)) return;
  files.add(chunk.file);
  (chunk.css ?? []).forEach((css) => files.add(css));
  (chunk.imports ?? []).forEach(visit);
};
visit('index.html');
const sizes = [...files].map((file) => [file, gzipSync(readFileSync(`dist/${file}`)).length]);
const total = sizes.reduce((sum, [, size]) => sum + size, 0);
if (total > budgetBytes) {
  console.error(`first route: ${total} bytes gzipped, the budget is ${budgetBytes}. Load something later:`);
  for (const [file, size] of sizes.sort((a, b) => b[1] - a[1])) console.error(`  ${size}  ${file}`);
  process.exit(1);
}
console.log(`first route: ${(total / 1024).toFixed(1)} KB gzipped of ${budgetBytes / 1024}`);
