// A cluster of three brokers, an admin API and clients: processes of their own, started and ended from here.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';

const home = process.env.MILLRACE_HOME;
export const output = process.env.CONSOLE_OUTPUT;
const java = join(process.env.MILLRACE_JAVA_HOME, 'bin', 'java');
const running = new Set();

/** Waits until `check` gives something truthy and returns it; fails with `what` and the last trouble after `limitMs`. */
export async function until(what, check, limitMs = 60_000) {
  const deadline = Date.now() + limitMs;
  let last;
  for (;;) {
    try {
      const found = await check();
      if (found) return found;
      last = JSON.stringify(found);
    } catch (trouble) {
      last = trouble.message;
    }
    if (Date.now() > deadline) throw new Error(`waited ${limitMs / 1000} s for: ${what}; last: ${last}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Below the ephemeral range, so that no client socket takes a port between here and its use. */
async function freePort() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const free = await new Promise((resolve) => {
      const server = createServer().once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
}

function start(name, command, args, env = {}) {
  const log = join(output, 'logs', `${name}.log`);
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const file = createWriteStream(log, { flags: 'a' });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      text += data;
      file.write(data);
    });
  }
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const one = {
    name,
    log,
    says: (what) => until(`${name} says "${what}" (see ${log})`, () => text.includes(what)),
    async stop(signal = 'SIGINT') {
      child.kill(signal);
      await ended;
      running.delete(one);
    },
  };
  running.add(one);
  return one;
}

export async function stopAll() {
  await Promise.all([...running].map((one) => one.stop('SIGKILL')));
}

async function answers(url) {
  return until(url, async () => (await fetch(url)).ok);
}

/** A Schema Registry that knows one Avro schema, by the id 7. */
async function startRegistry() {
  const schema = { type: 'record', name: 'Order', namespace: 'shop', fields: [{ name: 'id', type: 'long' }, { name: 'note', type: ['null', 'string'] }] };
  const server = createHttpServer((request, response) => {
    const known = request.url === '/schemas/ids/7';
    response.writeHead(known ? 200 : 404, { 'Content-Type': 'application/vnd.schemaregistry.v1+json' });
    response.end(JSON.stringify(known ? { schema: JSON.stringify(schema) } : { error_code: 40403, message: 'Schema not found' }));
  });
  const port = await freePort();
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  server.unref();
  return `http://127.0.0.1:${port}`;
}

export async function startWorld() {
  rmSync(output, { recursive: true, force: true });
  mkdirSync(join(output, 'logs'), { recursive: true });
  const ids = [1, 2, 3];
  const ports = await Promise.all(ids.map(async () => ({ kafka: await freePort(), controller: await freePort() })));
  const bootstrap = ports.map((port) => `127.0.0.1:${port.kafka}`).join(',');
  const voters = ids.map((id, at) => `${id}@127.0.0.1:${ports[at].controller}`).join(',');
  const startBroker = (id) => {
    const dir = join(output, `broker-${id}`);
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'server.properties'), [
      `node.id=${id}`,
      'process.roles=broker,controller',
      `listeners=PLAINTEXT://127.0.0.1:${ports[id - 1].kafka},CONTROLLER://127.0.0.1:${ports[id - 1].controller}`,
      'controller.listener.names=CONTROLLER',
      `controller.quorum.voters=${voters}`,
      `log.dirs=${dir}/data`,
      'default.replication.factor=3',
      'min.insync.replicas=2',
      'offsets.topic.replication.factor=3',
      'offsets.topic.num.partitions=3',
      'group.initial.rebalance.delay.ms=0',
      'broker.session.timeout.ms=6000',
    ].join('\n'));
    return start(`broker-${id}`, join(home, 'bin', 'millrace'), ['broker', '--config', join(dir, 'server.properties'), '--format'],
      { CLUSTER_ID: 'AAAAAAAAAAAAAAAAAAAAAQ', KAFKA_HEAP_OPTS: '-Xmx256m' });
  };
  const brokers = new Map(ids.map((id) => [id, startBroker(id)]));
  const http = await freePort();
  const url = `http://127.0.0.1:${http}`;
  start('admin', join(home, 'bin', 'millrace'), ['admin', '--bootstrap', bootstrap, '--http-port', String(http), `--millrace.schema-registry.local.url=${await startRegistry()}`]);
  await answers(`${url}/actuator/health/readiness`);
  const api = async (method, path, body) => {
    const response = await fetch(`${url}/api/v1/clusters/local${path}`, { method, headers: { 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  };
  /** What is wrong with the answers of everything that can be read: each must come soon, and be an answer or a problem that the document knows. */
  const askEverything = async (names) => {
    const { paths } = await (await fetch(`${url}/v3/api-docs`)).json();
    const asked = Object.entries(paths).filter(([path, one]) => one.get && !/:(tail|search)$|\{operationId\}/.test(path));
    const answers = await Promise.all(asked.map(async ([path, { get }]) => {
      const filled = path.replace('{clusterId}', 'local').replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(names[name]));
      const response = await fetch(url + filled, { signal: AbortSignal.timeout(12_000) });
      if (response.ok) return [];
      const problem = await response.json();
      const known = get.responses[response.status]?.content['application/problem+json']?.examples?.[problem.code];
      return known && (problem.code === 'BROKER_OFFLINE') === path.includes('{brokerId}') ? [] : [`${filled}: ${response.status} ${JSON.stringify(problem)}`];
    }));
    return answers.flat();
  };
  await until('three brokers', async () => (await api('GET', '')).brokersOnline === 3);
  return {
    url: `${url}/console/local`,
    bootstrap,
    api,
    askEverything,
    python: (name, group, topic, ...options) =>
      start(name, '/usr/bin/python3', [join(home, 'acceptance/src/test/python/consumer.py'), bootstrap, group, topic, `client_id=${name}`, ...options]),
    /** Records without a key, by kafka-python, which spreads them. */
    produce: (name, topic, count) => start(name, '/usr/bin/python3', [join(home, 'acceptance/src/test/python/producer.py'), bootstrap, topic, String(count), '0', '-']),
    spring(name, group, topic, ...options) {
      const target = join(home, 'sample-consumer', 'target');
      const jar = readdirSync(target).find((file) => /^sample-consumer-.*-exec\.jar$/.test(file));
      return start(name, java, ['-Xmx128m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-jar', join(target, jar), '--server.port=0',
        `--spring.kafka.bootstrap-servers=${bootstrap}`, `--spring.kafka.client-id=${name}`, `--sample.topic=${topic}`, `--sample.group=${group}`,
        '--spring.kafka.consumer.properties.heartbeat.interval.ms=500', '--spring.kafka.consumer.properties.session.timeout.ms=40000', ...options]);
    },
    async kill(id) {
      await brokers.get(id).stop('SIGKILL');
    },
    async restart(id) {
      brokers.set(id, startBroker(id));
    },
  };
}
