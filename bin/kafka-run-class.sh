#!/usr/bin/env bash
# Runs one of Apache Kafka's own tool classes, unmodified: kafka-run-class.sh CLASS ARGUMENTS...
# KAFKA_HEAP_OPTS, KAFKA_OPTS, KAFKA_JVM_PERFORMANCE_OPTS and KAFKA_TOOLS_LOG4J_LOGLEVEL mean what they mean there.
set -euo pipefail
home=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
[ $# -gt 0 ] || { echo "usage: $0 CLASS [ARGUMENT]..." >&2; exit 1; }
lib="$home/tools/target/app/lib"
built="$home/tools/target/app/built"
if [ ! -f "$built" ] || [ "$home/tools/pom.xml" -nt "$built" ] || [ "$home/tools/src/main/resources/logback.xml" -nt "$built" ]; then
  "$home/bin/millrace" build tools || exit 1
fi
if [ ! -f "$home/pom.xml" ] && [ -x "${JAVA_HOME:-}/bin/java" ]; then java=$JAVA_HOME; else java=$("$home/bin/find-jdk") || exit 1; fi
export KAFKA_TOOLS_LOG4J_LOGLEVEL=${KAFKA_TOOLS_LOG4J_LOGLEVEL:-WARN}
# shellcheck disable=SC2086 # each of these holds several options
exec "$java/bin/java" ${KAFKA_HEAP_OPTS:--Xmx256M} ${KAFKA_JVM_PERFORMANCE_OPTS:--XX:+UseSerialGC -XX:TieredStopAtLevel=1} \
  --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${KAFKA_OPTS:-} \
  -cp "$(echo "$home"/tools/target/tools-[0-9]*.jar):$lib/*" "$@"
