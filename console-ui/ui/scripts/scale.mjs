// The console on a cluster of 10,000 topics, 50,000 partitions and 10,000 groups, and a tail of 5,000 records a second, in Chromium:
//   npm run build && npm run scale
// The API is a stand-in, so that the figures are the browser's alone: what it serves is paged and shaped as the admin API does it.
// Fails when a screen takes a second, or when a tenth of the tail's seconds has fewer than 50 frames. CHROMIUM names the browser.
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { chromium } from 'playwright-core';

const topicCount = 10_000;
const partitionsEach = 5;
const groupCount = 10_000;
const brokers = [1, 2, 3];
const recordsPerSecond = 5_000;
const eventsPerSecond = 20;
const tailSeconds = 10;
const interactiveLimitMs = 1_000;
const framesLimit = 50;

const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const asOf = new Date().toISOString();
const partition = (topic, at) => ({
  partition: at, leader: 1 + ((topic + at) % 3), replicas: brokers, isr: (topic + at) % 97 === 0 ? [1, 2] : brokers, beginningOffset: '0', endOffset: String(topic * 17 + at),
  replicaStates: Object.fromEntries(brokers.map((id) => [id, { logDir: '/var/lib/kafka', sizeBytes: String(topic * 1_000), offsetLag: '0', future: false }])),
});
const topicRow = (at) => ({ name: `team-${at % 100}.orders-${String(at).padStart(5, '0')}`, id: `id-${at}`, internal: false, partitions: partitionsEach, replicationFactor: 3, underReplicated: at % 97 === 0 ? 1 : 0, offline: 0, records: String(at * 17), sizeBytes: String(at * 5_000), appendRate: at % 13 });
const groupRow = (at) => ({ groupId: `service-${String(at).padStart(5, '0')}`, state: 'Stable', type: 'consumer', members: 3, topics: 1, lag: String(at % 1_000), lagSeconds: at % 60, lagTrendPerSecond: 0, coordinator: 1 });
function page(query, count, row) {
  const from = Number(query.get('cursor') ?? 0);
  const to = Math.min(count, from + Number(query.get('limit') ?? 100));
  return { items: Array.from({ length: to - from }, (_, at) => row(from + at)), page: { total: count, asOf, next: to < count ? String(to) : undefined }, warnings: [] };
}
const record = (offset) => ({ partition: offset % 12, offset: String(offset), timestamp: new Date().toISOString(), timestampType: 'CreateTime', key: { encoding: 'text', data: `order-${offset % 997}`, sizeBytes: 9, truncated: false }, value: { encoding: 'text', data: JSON.stringify({ id: offset, customer: `c-${offset % 31}`, total: offset % 500, note: 'x'.repeat(120) }), sizeBytes: 190, truncated: false }, headers: [] });

function answer(path, query) {
  if (path === '') return { id: 'local', kafkaClusterId: 'scale', health: 'HEALTHY', sentence: 'All well: 3 brokers serving 50000 partitions.', brokers: 3, brokersOnline: 3, controllerId: 1, topics: topicCount, partitions: topicCount * partitionsEach, underReplicatedPartitions: 0, offlinePartitions: 0, sizeBytes: '250000000000', asOf, warnings: [] };
  if (path === '/topics') return page(query, topicCount, topicRow);
  if (path === '/consumer-groups') return page(query, groupCount, groupRow);
  if (path === '/partitions') return page(query, topicCount * partitionsEach, (at) => ({ topic: topicRow(Math.floor(at / partitionsEach)).name, state: partition(Math.floor(at / partitionsEach), at % partitionsEach) }));
  if (path === '/brokers') return { items: brokers.map((id) => ({ id, host: 'localhost', port: 9092, online: true, controller: id === 1, leaders: 16_667, replicas: 50_000, outOfSync: 0, sizeBytes: '83000000000' })), warnings: [] };
  if (path === '/quorum') return { leaderId: 1, leaderEpoch: 1, highWatermark: '1', nodes: [] };
  if (path === '/rebalances') return { source: 'JOURNAL', from: asOf, asOf, groups: [] };
  if (path === '/audit-events' || path === '/reassignments') return { items: [] };
  if (path === '/events') return { items: [], last: '0' };
  if (/^\/topics\/[^/]+$/.test(path)) return { topic: { ...topicRow(1), name: decodeURIComponent(path.slice(8)), partitions: 12 }, partitions: Array.from({ length: 12 }, (_, at) => partition(1, at)), warnings: [] };
  return { items: [] };
}

function tail(response) {
  let offset = 0;
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  response.write('event:ready\ndata:{}\n\n');
  const each = recordsPerSecond / eventsPerSecond;
  const timer = setInterval(() => {
    const items = Array.from({ length: each }, () => record(offset++));
    response.write(`event:records\ndata:${JSON.stringify({ items, scanned: String(each), matched: String(each) })}\n\n`);
  }, 1_000 / eventsPerSecond);
  response.on('close', () => clearInterval(timer));
}

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost');
  if (url.pathname.endsWith('records:tail')) return tail(response);
  if (url.pathname.endsWith('records:search')) return response.writeHead(200, { 'Content-Type': 'text/event-stream' }).end('event:page\ndata:{"items":[],"scanned":"0","unanswered":"0","remaining":"0","partitions":[]}\n\n');
  if (url.pathname.endsWith(':tail')) return response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('event:ready\ndata:{}\n\n');
  if (url.pathname.startsWith('/api/v1')) {
    const path = url.pathname.slice('/api/v1'.length);
    const body = path === '/clusters' ? { items: [{ id: 'local', bootstrapServers: 'localhost:9092', readOnly: false }] } : path === '/session' ? { role: 'ADMIN', readOnly: false } : answer(path.slice('/clusters/local'.length), url.searchParams);
    return response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  }
  const asked = join('dist', url.pathname.replace(/^\/console/, ''));
  const file = extname(asked) && existsSync(asked) ? asked : 'dist/index.html';
  response.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream' });
  createReadStream(file).pipe(response);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const base = `http://127.0.0.1:${server.address().port}/console/local`;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'] });
let failed = false;
const told = (good, ...words) => {
  if (!good) failed = true;
  console.log(good ? 'ok  ' : 'SLOW', ...words);
};

/** From the navigation until the text is there and the page has answered a frame after it. */
async function interactive(path, text) {
  const page = await browser.newPage({ viewport: { width: 1360, height: 850 } });
  await page.goto(base + path, { waitUntil: 'commit' });
  await page.getByText(text).first().waitFor();
  const ms = await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(() => resolve(performance.now())))));
  return { page, ms };
}

/** The longest and the typical time between frames while something goes on. */
async function frames(page, seconds) {
  return page.evaluate((limitMs) => new Promise((resolve) => {
    const times = [];
    const began = performance.now();
    const next = (now) => {
      times.push(now);
      if (now - began < limitMs) requestAnimationFrame(next);
      else resolve(times);
    };
    requestAnimationFrame(next);
  }), seconds * 1_000);
}
function perSecond(times) {
  const counts = [];
  for (const time of times) {
    const second = Math.floor((time - times[0]) / 1_000);
    counts[second] = (counts[second] ?? 0) + 1;
  }
  return counts.slice(0, -1).map((count) => count ?? 0);
}
const gaps = (times) => times.slice(1).map((time, at) => time - times[at]).sort((a, b) => a - b);

for (const [name, path, text] of [['now', '', 'All well'], ['topics', '/topics', 'orders-00000'], ['groups', '/groups', 'service-00000'], ['replication', '/replication', 'orders-00000']]) {
  const all = [];
  for (let turn = 0; turn < 5; turn++) {
    const { page, ms } = await interactive(path, text);
    all.push(ms);
    await page.close();
  }
  const [median, worst] = [all.sort((a, b) => a - b)[2], all.at(-1)];
  told(worst < interactiveLimitMs, `${name}: interactive after ${median.toFixed(0)} ms (worst of 5: ${worst.toFixed(0)} ms)`);
}

{
  const { page } = await interactive('/topics', 'orders-00000');
  const table = page.getByRole('region', { name: 'Topics' });
  const scrolled = table.evaluate((frame) => new Promise((resolve) => {
    let turns = 0;
    const timer = setInterval(() => {
      frame.scrollTop += 400;
      if (++turns === 150) { clearInterval(timer); resolve(); }
    }, 20);
  }));
  const times = await frames(page, 3);
  await scrolled;
  const sorted = gaps(times);
  told(sorted[Math.floor(sorted.length * 0.95)] < 34, `scrolling through topics: ${(times.length / 3).toFixed(0)} frames a second, 95% within ${sorted[Math.floor(sorted.length * 0.95)].toFixed(0)} ms`);
  await page.close();
}

{
  const { page } = await interactive('/topics/click-stream', 'click-stream');
  await page.getByRole('button', { name: 'Live' }).click();
  await page.getByText('order-1').first().waitFor();
  const times = await frames(page, tailSeconds);
  const counts = perSecond(times).sort((a, b) => a - b);
  const sorted = gaps(times);
  told(counts[Math.floor(counts.length / 10)] >= framesLimit, `tail of ${recordsPerSecond} records a second: ${counts[0]} to ${counts.at(-1)} frames a second, 99% within ${sorted[Math.floor(sorted.length * 0.99)].toFixed(0)} ms, longest ${sorted.at(-1).toFixed(0)} ms`);
  await page.close();
}
await browser.close();
server.close();
server.closeAllConnections();
process.exit(failed ? 1 : 0);
