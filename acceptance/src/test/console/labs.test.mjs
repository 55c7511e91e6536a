// The labs, played in the console by a browser: real brokers, kafka-python and Spring consumers, one broker of three killed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { button, dialogButton, owned, sees, shares, startBrowser } from './browser.mjs';
import { startWorld, stopAll, until } from './world.mjs';

let world;
let browser;
let page;
before(async () => {
  world = await startWorld();
  browser = await startBrowser(world.url);
  page = await browser.newPage();
});
after(async () => {
  await browser?.close();
  await stopAll();
});

const createTopic = (name, partitions) => world.api('POST', '/topics', { name, partitions });

async function produce(topic, records) {
  await browser.open(page, `/topics/${topic}`);
  await button(page, 'Produce').first().click();
  const form = page.locator('dialog[open]');
  const places = [];
  for (const [key, value] of records) {
    await form.getByLabel('Key', { exact: true }).fill(key);
    await form.locator('textarea').fill(value);
    await form.getByRole('button', { name: 'Send' }).click();
    const written = form.getByText(/^Written to partition/);
    await until(`a place for ${value}`, async () => (await written.textContent()) !== places.at(-1)?.text);
    const text = await written.textContent();
    places.push({ text, key, partition: Number(/partition (\d+)/.exec(text)[1]) });
  }
  await dialogButton(page, 'Close').click();
  return places;
}

test('B1: a key keeps its records in one partition', async () => {
  await createTopic('b1-keys', 3);
  const places = await produce('b1-keys', [['key1', 'a'], ['key2', 'b'], ['key3', 'c'], ['key1', 'd'], ['key2', 'e'], ['key3', 'f']]);
  for (const key of ['key1', 'key2', 'key3']) {
    assert.equal(new Set(places.filter((one) => one.key === key).map((one) => one.partition)).size, 1, key);
  }
  await world.produce('unkeyed', 'b1-keys', 10).says('message 9');
  await browser.open(page, '/topics/b1-keys?q=message');
  await sees(page, '10 shown');
  const { items } = await world.api('GET', '/topics/b1-keys/records?q=message');
  assert.ok(new Set(items.map((one) => one.partition)).size > 1, 'ten records without a key spread');
});

test('B2: partitions grow and never shrink', async () => {
  await browser.open(page, '/topics');
  await button(page, 'New topic').click();
  await page.getByLabel('Name', { exact: true }).fill('b2-grow');
  await page.getByLabel('Partitions', { exact: true }).fill('1');
  await page.getByLabel('Configuration, a line each').fill('retention.ms=86400000');
  await dialogButton(page, 'New topic').click();
  await page.getByRole('link', { name: 'b2-grow' }).click();
  for (const total of ['2', '3']) {
    await button(page, 'Add partitions').click();
    await page.getByLabel('Partitions in total').fill(total);
    await dialogButton(page, 'Add partitions').click();
    await page.locator('dialog[open]').waitFor({ state: 'detached' });
    await sees(page, `Partitions ${total}`);
  }
  await button(page, 'Add partitions').click();
  await page.getByLabel('Partitions in total').fill('2');
  await dialogButton(page, 'Add partitions').click();
  await sees(page, "topic 'b2-grow' has 3 partitions; partitions can be added but not removed (asked for 2)");
  await dialogButton(page, 'Cancel').click();
  assert.equal((await world.api('GET', '/topics/b2-grow/configs')).items.find((one) => one.name === 'retention.ms').value, '86400000');
});

test('topics are declared, then moved to more brokers', async () => {
  await browser.open(page, '/topics');
  await button(page, 'Apply manifests').click();
  const dialog = page.locator('dialog[open]');
  await dialog.getByLabel('YAML').fill('apiVersion: kafka.strimzi.io/v1\nkind: KafkaTopic\nmetadata:\n  name: declared\nspec:\n  partitions: 2\n  replicas: 1\n  config:\n    min.insync.replicas: 3\n');
  await dialogButton(page, 'Preview').click();
  await sees(page, 'would be created');
  await dialogButton(page, 'Apply').click();
  await dialog.getByText('created', { exact: true }).waitFor();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await page.getByRole('link', { name: 'declared' }).click();
  await button(page, 'Move replicas').click();
  await dialog.getByLabel('Replicas', { exact: true }).fill('3');
  await sees(page, '2 partitions change; 4 replicas are copied');
  await dialogButton(page, 'Start moving').click();
  await page.waitForURL(/\/operations/);
  await until('three replicas in sync', async () => (await world.api('GET', '/topics/declared')).partitions.every((one) => one.isr.length === 3));
  await sees(page, 'No partition is moving.');
});

test('a topic is cloned with its records', async () => {
  await browser.open(page, '/topics/b1-keys');
  await button(page, 'Clone').click();
  const dialog = page.locator('dialog[open]');
  await dialog.getByLabel('Name of the new topic').fill('b1-copy');
  await dialog.getByLabel('Copy the records too').check();
  await sees(page, '3 partitions, 3 replicas each, 16 records');
  await dialogButton(page, 'Clone').click();
  await dialog.getByText('16 of 16 records').waitFor();
  await dialog.getByText('done', { exact: true }).waitFor();
  await dialog.getByRole('link', { name: 'b1-copy' }).click();
  await sees(page, '16 shown');
});

test('A1: members come and go, partitions move evenly, one idles', async () => {
  await createTopic('edu-topic01', 3);
  const timeline = await browser.newPage();
  const spring = world.spring('spring-1', 'edu-group01', 'edu-topic01');
  await spring.says('partitions assigned: [edu-topic01-0, edu-topic01-1, edu-topic01-2]');
  await browser.open(timeline, '/rebalances?group=edu-group01');
  await browser.open(page, '/groups/edu-group01');
  await until('one member owns everything', async () => (await shares(page)) === '3');
  const members = [];
  for (const [name, expected] of [['python-1', '2 1'], ['python-2', '1 1 1'], ['python-3', '1 1 1 0']]) {
    members.push(world.python(name, 'edu-group01', 'edu-topic01'));
    await until(`shares ${expected}`, async () => (await shares(page)) === expected);
    await sees(timeline, `${name}: joined`);
  }
  await sees(page, 'idle');
  const producer = world.spring('producer', 'none', 'edu-topic01', '--spring.profiles.active=producer', '--sample.producer.interval=200ms', '--sample.producer.keys=6', '--sample.producer.limit=30');
  await producer.says('message-30');
  await until('the group read everything', async () => (await world.api('GET', '/consumer-groups/edu-group01')).group.lag === '0');
  for (const [member, expected] of [[members[2], '1 1 1'], [members[1], '2 1'], [members[0], '3']]) {
    await member.stop();
    await until(`shares ${expected}`, async () => (await shares(page)) === expected);
    await sees(timeline, new RegExp(`${member.name}: left`));
  }
  assert.deepEqual(Object.values(await owned(page)), [3]);
  await producer.stop();
  await spring.stop();
  await timeline.context().close();
});

test('A2: why it rebalances is told apart: joined, left, crashed, polled too seldom, partitions added', async () => {
  await createTopic('a2-crash', 2);
  const timeline = await browser.newPage();
  const first = world.python('python-a', 'a2-group', 'a2-crash', 'session_timeout_ms=6000');
  const second = world.python('python-b', 'a2-group', 'a2-crash', 'session_timeout_ms=6000');
  await browser.open(page, '/groups');
  await page.getByRole('link', { name: 'a2-group' }).click();
  await until('one partition each', async () => (await shares(page)) === '1 1');
  await browser.open(timeline, '/rebalances?group=a2-group');
  await second.stop('SIGKILL');
  await until('the survivor owns both', async () => (await owned(page))['python-a'] === 2);
  await sees(timeline, 'python-b: left: no heartbeat within its session');
  await world.api('POST', '/topics/a2-crash/partitions:grow', { total: 3 });
  await sees(timeline, 'Topic a2-crash now has 3 partitions instead of 2', 90_000);
  await first.stop();
  await sees(timeline, /python-a: left/);
  const slow = world.spring('spring-slow', 'a2-slow', 'a2-crash', '--sample.processing-delay=9s', '--spring.kafka.consumer.auto-offset-reset=earliest', '--spring.kafka.consumer.properties.max.poll.interval.ms=4000');
  await slow.says('partitions assigned: [a2-crash-0, a2-crash-1, a2-crash-2]');
  await world.api('POST', '/topics/a2-crash/records', { key: 'slow', value: 'takes nine seconds' });
  await browser.open(timeline, '/rebalances?group=a2-slow');
  await sees(timeline, /left: did not poll within max.poll.interval.ms/);
  await sees(timeline, /raise .*or lower max.poll.records/);
  await slow.stop();
  await timeline.context().close();
});

test('A4: a static member that comes back in time moves nothing', async () => {
  await createTopic('a4-static', 2);
  const spring = (name) => world.spring(name, 'a4-group', 'a4-static', '--sample.instance-id=a');
  const first = spring('spring-a');
  await first.says('partitions assigned: [a4-static-0, a4-static-1]');
  await browser.open(page, '/groups/a4-group');
  await sees(page, 'Static: a');
  const before = await world.api('GET', '/consumer-groups/a4-group');
  await first.stop('SIGKILL');
  const again = spring('spring-a');
  await again.says('partitions assigned: [a4-static-0, a4-static-1]');
  const now = await until('the new member id', async () => {
    const group = await world.api('GET', '/consumer-groups/a4-group');
    return group.members[0]?.memberId !== before.members[0].memberId && group;
  });
  assert.equal(now.members.length, 1);
  await browser.open(page, '/rebalances?group=a4-group');
  await sees(page, /came back as the same static member/);
  await browser.open(page, '/groups/a4-group');
  assert.equal(now.group.state, 'Stable');
  await until('it owns both again', async () => (await shares(page)) === '2');
  await again.stop();
});

test('C5: what a stopped group owes is shown in records and in time', async () => {
  await createTopic('c5-lag', 2);
  const consumer = world.python('python-c', 'c5-group', 'c5-lag');
  await until('the group', async () => (await world.api('GET', '/consumer-groups/c5-group')).members[0]?.assigned.length === 2);
  await consumer.stop();
  for (let number = 0; number < 7; number++) await world.api('POST', '/topics/c5-lag/records', { key: `k${number}`, value: `late ${number}` });
  await browser.open(page, '/groups/c5-group');
  await sees(page, 'Lag 7');
  await until('a time', async () => /^(<1|\d)/.test(await page.getByRole('region', { name: 'Offsets' }).locator('tbody tr td').nth(5).textContent()));
  await browser.open(page, '/');
  await sees(page, 'c5-group');
});

test('a group forgets what it committed', async () => {
  await browser.open(page, '/groups/c5-group');
  await button(page, 'Delete offsets').click();
  const dialog = page.locator('dialog[open]');
  await dialog.getByLabel('Topics').selectOption('c5-lag');
  await dialog.getByText('c5-lag-1').waitFor();
  await dialog.getByLabel('Type c5-group to confirm').fill('c5-group');
  await dialogButton(page, 'Delete offsets').click();
  await dialog.waitFor({ state: 'detached' });
  await until('nothing committed', async () => (await world.api('GET', '/consumer-groups/c5-group')).partitions.every((one) => one.committed === undefined));
  await sees(page, 'Nothing was committed yet');
});

test('a broker is configured while it runs', async () => {
  await browser.open(page, '/brokers');
  await page.getByRole('button', { name: /Log directories and configuration/ }).first().click();
  await page.getByLabel('Search', { exact: true }).last().fill('log.cleaner.threads');
  await button(page, 'Edit log.cleaner.threads').click();
  const editor = page.locator('dialog[open]').last();
  await editor.getByLabel('Value', { exact: true }).fill('2');
  await editor.getByRole('button', { name: 'Save' }).click();
  await sees(page, 'dynamic broker config');
  await page.keyboard.press('Escape');
});

test('B3: what acks costs and promises, side by side, and nothing is left behind', async () => {
  await createTopic('b3-acks', 2);
  await browser.open(page, '/topics/b3-acks?tab=acks');
  await page.getByLabel('3', { exact: true }).check();
  await page.getByLabel('Records per setting').fill('60');
  await page.getByLabel('Records per second').fill('300');
  await page.getByLabel('Type b3-acks to confirm').fill('b3-acks');
  await button(page, 'Run the lab').click();
  await until('four results', async () => (await page.getByText('60 of 60 acknowledged').count()) === 4);
  await sees(page, 'acks=all, min.insync.replicas=3');
  assert.equal(await page.getByRole('img', { name: /µs|ms/ }).count(), 4);
  await until('no twin', async () => (await world.api('GET', '/topics?q=millrace-acks-lab')).items.length === 0);
});

test('a value with an Avro schema is read, searched and shown as JSON', async () => {
  await createTopic('registry', 1);
  const value = Buffer.concat([Buffer.from([0, 0, 0, 0, 7, 0x54, 2, 8]), Buffer.from('late')]).toString('base64');
  await world.api('POST', '/topics/registry/records', { value, encoding: 'base64' });
  await world.api('POST', '/topics/registry/records', { value: 'plain text' });
  await browser.open(page, '/topics/registry?cel=json.note%20%3D%3D%20%22late%22');
  await sees(page, '1 shown');
  await page.getByText('{"id":42,"note":"late"}').click();
  await sees(page, 'AVRO schema 7');
  await sees(page, 'shop.Order');
  await button(page, 'Raw bytes').click();
  await sees(page, /00 00 00 00 07 54/);
});

test('E2: deleted records are gone, and the log starts later', async () => {
  await browser.open(page, '/topics/b1-keys?tab=partitions');
  await button(page, 'Delete records').click();
  await sees(page, '16 offsets would be removed');
  await page.getByLabel('Type b1-keys to confirm').fill('b1-keys');
  await dialogButton(page, 'Delete records').click();
  await page.locator('dialog[open]').getByText('done', { exact: true }).waitFor();
  await page.locator('dialog[open]').getByRole('button', { name: 'Close' }).last().click();
  await until('every log starts at its end', async () => {
    const rows = await page.getByRole('region', { name: 'Partitions' }).locator('tbody tr').evaluateAll((all) => all.map((row) => [row.cells[5].textContent, row.cells[6].textContent]));
    return rows.length === 3 && rows.every(([begin, end]) => begin === end);
  });
  await browser.open(page, '/topics/b1-keys');
  await sees(page, 'No records');
  await browser.open(page, '/operations');
  await sees(page, 'purge-records');
});

test('one broker of three dies: everything still answers, and says what is missing', async () => {
  const consumer = world.python('python-during', 'during-group', 'edu-topic01');
  const victim = (await world.api('GET', '/topics/edu-topic01')).partitions[0].leader;
  await world.kill(victim);
  await browser.open(page, '/');
  await sees(page, `Broker ${victim} is down; every partition is still served`);
  await sees(page, '2 refuse producers with acks=all');
  await produce('edu-topic01', [['during', 'written with one broker down']]);
  await sees(page, 'written with one broker down');
  await consumer.says('written with one broker down');
  await browser.open(page, '/');
  await sees(page, `Broker ${victim} went down`);
  await browser.open(page, '/replication');
  await sees(page, '2 in sync, 3 needed');
  assert.deepEqual(await world.askEverything({ topic: 'edu-topic01', groupId: 'edu-group01', brokerId: victim, partition: 0, offset: 0 }), []);
  await browser.open(page, '/topics/b3-acks?tab=acks');
  await page.getByLabel('3', { exact: true }).check();
  await page.getByLabel('Records per setting').fill('20');
  await page.getByLabel('Type b3-acks to confirm').fill('b3-acks');
  await button(page, 'Run the lab').click();
  await sees(page, 'Refused: 3 replicas must be in sync, 2 are.', 30_000);
  await sees(page, 'NOT_ENOUGH_REPLICAS × 20');
  assert.equal(await page.getByText('20 of 20 acknowledged').count(), 3);
  assert.deepEqual(await browser.survey([['now-broker-down', ''], ['brokers-broker-down', '/brokers'], ['replication-broker-down', '/replication']]), []);
  await world.restart(victim);
  await browser.open(page, '/');
  await sees(page, 'All well: 3 brokers');
  await consumer.stop();
});

test('on a phone every page is at hand', async () => {
  const phone = await browser.newPage({ viewport: { width: 360, height: 740 }, hasTouch: true });
  await browser.open(phone, '/topics/edu-topic01?tab=acks');
  await until('the chosen tab in view', () => phone.getByRole('link', { name: 'Acks lab' }).evaluate((tab) => tab.getBoundingClientRect().right <= innerWidth));
  await button(phone, 'More').click();
  await phone.locator('dialog[open]').getByRole('link', { name: 'Operations' }).click();
  await phone.getByRole('heading', { name: 'Operations', level: 1 }).waitFor();
  await button(phone, 'Operations').waitFor();
  assert.equal(await phone.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
  await phone.context().close();
});

test('every screen, light and dark, on a desktop and a phone', async () => {
  const consumers = ['python-x', 'python-y'].map((name) => world.python(name, 'edu-group01', 'edu-topic01'));
  await browser.open(page, '/groups/edu-group01');
  await until('two members', async () => (await shares(page)) === '2 1');
  const findings = await browser.survey([
    ['now', ''], ['topics', '/topics'], ['groups', '/groups'], ['group', '/groups/edu-group01'], ['rebalances', '/rebalances?group=edu-group01'],
    ['replication', '/replication'], ['brokers', '/brokers'], ['security', '/security'], ['operations', '/operations'],
    ...['records', 'partitions', 'groups', 'config', 'storage', 'producers', 'acks'].map((tab) => [`topic-${tab}`, `/topics/edu-topic01?tab=${tab}`]),
  ]);
  for (const consumer of consumers) await consumer.stop();
  assert.deepEqual(findings, []);
  assert.deepEqual(browser.troubles, []);
});
