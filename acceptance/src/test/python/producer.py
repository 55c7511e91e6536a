"""Sends numbered records with kafka-python, and prints where each went.

usage: producer.py BOOTSTRAP TOPIC COUNT INTERVAL_SECONDS KEY|- [NAME=VALUE of KafkaProducer ...]
"""
import ast
import signal
import sys
import threading
from kafka import KafkaProducer


def literal(text):
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


bootstrap, topic, count, interval, key = sys.argv[1:6]
options = {name: literal(value) for name, value in (pair.split("=", 1) for pair in sys.argv[6:])}
producer = KafkaProducer(bootstrap_servers=bootstrap, **options)
# A flag rather than KeyboardInterrupt, which is lost when it comes at a moment where Python cannot raise it.
stopping = threading.Event()
signal.signal(signal.SIGINT, lambda *_: stopping.set())
try:
    for number in range(int(count)):
        if stopping.is_set():
            break
        sent = producer.send(topic, key=None if key == "-" else key.encode(), value=f"message {number}".encode())
        metadata = sent.get(timeout=30)
        print(f"sent: {metadata.partition} {metadata.offset} message {number}", flush=True)
        stopping.wait(float(interval))
finally:
    producer.close()
