"""A kafka-python consumer in a group: prints its assignment whenever it changes, and each record.

usage: consumer.py BOOTSTRAP GROUP TOPIC [NAME=VALUE of KafkaConsumer ...]
"""
import ast
import signal
import sys
import threading
from kafka import ConsumerRebalanceListener, KafkaConsumer


def literal(text):
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


class Assignment(ConsumerRebalanceListener):
    def on_partitions_revoked(self, revoked):
        print("revoked:", sorted(f"{tp.topic}-{tp.partition}" for tp in revoked), flush=True)

    def on_partitions_assigned(self, assigned):
        print("assigned:", sorted(f"{tp.topic}-{tp.partition}" for tp in assigned), flush=True)


bootstrap, group, topic = sys.argv[1:4]
options = {"auto_offset_reset": "earliest", "session_timeout_ms": 10000, "heartbeat_interval_ms": 500}
options.update((name, literal(value)) for name, value in (pair.split("=", 1) for pair in sys.argv[4:]))
consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id=group, **options)
consumer.subscribe([topic], listener=Assignment())
# A flag rather than KeyboardInterrupt: an exception out of nowhere can leave kafka-python's own locks taken, and close() waiting for them.
stopping = threading.Event()
signal.signal(signal.SIGINT, lambda *_: stopping.set())
try:
    while not stopping.is_set():
        for records in consumer.poll(timeout_ms=200).values():
            for record in records:
                value = None if record.value is None else record.value.decode()
                print(f"record: {record.partition} {record.offset} {value}", flush=True)
finally:
    consumer.close()
    print("closed", flush=True)
