"""Sends numbered records with kafka-python, and prints where each went.

usage: producer.py BOOTSTRAP TOPIC COUNT INTERVAL_SECONDS KEY|- [NAME=VALUE of KafkaProducer ...]
"""
import ast
import sys
import time
from kafka import KafkaProducer


def literal(text):
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


bootstrap, topic, count, interval, key = sys.argv[1:6]
options = {name: literal(value) for name, value in (pair.split("=", 1) for pair in sys.argv[6:])}
producer = KafkaProducer(bootstrap_servers=bootstrap, **options)
try:
    for number in range(int(count)):
        sent = producer.send(topic, key=None if key == "-" else key.encode(), value=f"message {number}".encode())
        metadata = sent.get(timeout=30)
        print(f"sent: {metadata.partition} {metadata.offset} message {number}", flush=True)
        time.sleep(float(interval))
except KeyboardInterrupt:
    pass
finally:
    producer.close()
