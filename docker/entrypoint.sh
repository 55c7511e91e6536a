#!/usr/bin/env bash
# Defaults of a container, where they differ from those of a process on somebody's machine.
set -euo pipefail
export KAFKA_LOG_DIRS=${KAFKA_LOG_DIRS:-/var/lib/millrace}
export SERVER_ADDRESS=${SERVER_ADDRESS:-0.0.0.0}
if [ -z "${KAFKA_LISTENERS:-}${KAFKA_ADVERTISED_LISTENERS:-}" ]; then
  export KAFKA_LISTENERS=PLAINTEXT://0.0.0.0:9092 KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://localhost:9092
fi
# What follows "docker run IMAGE": a command of millrace, or one of Kafka's tools by its name.
case "${1:-start}" in
  kafka-*) exec "/opt/millrace/bin/${1%.sh}.sh" "${@:2}" ;;
  bash | sh) exec "$@" ;;
  # A container has no other moment to be formatted in.
  broker) exec /opt/millrace/bin/millrace broker --format "${@:2}" ;;
  *) exec /opt/millrace/bin/millrace "$@" ;;
esac
