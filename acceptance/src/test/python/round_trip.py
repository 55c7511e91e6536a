"""Produces with one compression, consumes in a group, and makes an admin round trip; exits 0 when all of it worked.

usage: round_trip.py BOOTSTRAP TOPIC GROUP COMPRESSION|none COUNT
"""
import sys
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewPartitions, NewTopic

bootstrap, topic, group, compression, count = sys.argv[1:6]
count = int(count)
admin = KafkaAdminClient(bootstrap_servers=bootstrap)
admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
admin.create_partitions({topic: NewPartitions(total_count=2)})
assert topic in admin.list_topics()

producer = KafkaProducer(
    bootstrap_servers=bootstrap, compression_type=None if compression == "none" else compression, linger_ms=20, acks="all"
)
expected = {f"value {number} " + "x" * 100 for number in range(count)}
futures = [producer.send(topic, key=str(number).encode(), value=value.encode()) for number, value in enumerate(expected)]
offsets = {(sent.get(timeout=30).partition, sent.get().offset) for sent in futures}
assert len(offsets) == count, "offsets repeat"
producer.close()

consumer = KafkaConsumer(
    topic, bootstrap_servers=bootstrap, group_id=group, auto_offset_reset="earliest", enable_auto_commit=False,
    consumer_timeout_ms=30000, session_timeout_ms=10000,
)
seen = []
for record in consumer:
    seen.append(record.value.decode())
    if len(seen) == count:
        break
assert set(seen) == expected and len(seen) == count, f"got {len(seen)} of {count}"
consumer.commit()
committed = sum(consumer.committed(tp) or 0 for tp in consumer.assignment())
assert committed == count, f"committed {committed}"
consumer.close()

assert group in [name for name, _ in admin.list_consumer_groups()]
admin.delete_topics([topic])
admin.close()
print("round trip complete")
