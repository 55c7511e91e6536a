// Produces with one compression, consumes in a group, and makes an admin round trip; exits 0 when all of it worked.
// usage: round-trip.js BOOTSTRAP TOPIC GROUP none|gzip|snappy COUNT
const assert = require('node:assert');
const { CompressionCodecs, CompressionTypes, Kafka, logLevel } = require('kafkajs');
CompressionCodecs[CompressionTypes.Snappy] = require('kafkajs-snappy');

const [bootstrap, topic, group, compression, countText] = process.argv.slice(2);
const count = Number(countText);
const codec = { none: CompressionTypes.None, gzip: CompressionTypes.GZIP, snappy: CompressionTypes.Snappy }[compression];

async function main() {
  const kafka = new Kafka({ clientId: 'kafkajs', brokers: [bootstrap], logLevel: logLevel.WARN });
  const admin = kafka.admin();
  await admin.connect();
  assert(await admin.createTopics({ topics: [{ topic, numPartitions: 2, replicationFactor: 1 }] }));
  assert((await admin.listTopics()).includes(topic));

  const expected = Array.from({ length: count }, (_, number) => `value ${number} ${'x'.repeat(100)}`);
  const producer = kafka.producer({ idempotent: true });
  await producer.connect();
  await producer.send({ topic, compression: codec, messages: expected.map((value, number) => ({ key: String(number), value })) });
  await producer.disconnect();

  const consumer = kafka.consumer({ groupId: group, sessionTimeout: 10000, heartbeatInterval: 500 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  const seen = new Set();
  await new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`got ${seen.size} of ${count}`)), 30000).unref();
    consumer.run({
      eachMessage: async ({ message }) => {
        seen.add(message.value.toString());
        if (seen.size === count) resolve();
      },
    }).catch(reject);
  });
  await consumer.disconnect();
  assert.deepStrictEqual([...seen].sort(), [...expected].sort());

  const offsets = await admin.fetchOffsets({ groupId: group, topics: [topic] });
  const committed = offsets[0].partitions.reduce((sum, partition) => sum + Math.max(0, Number(partition.offset)), 0);
  assert.strictEqual(committed, count);
  const { groups } = await admin.listGroups();
  assert(groups.some(({ groupId }) => groupId === group));
  await admin.deleteTopics({ topics: [topic] });
  await admin.disconnect();
  console.log('round trip complete');
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
