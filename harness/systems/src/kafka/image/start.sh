#!/bin/sh
# Writes what `kafka-storage format` would write, saving that JVM's 2 CPU-seconds, then becomes the broker (PID 1 of the
# container, or the child of the engine's init), so SIGTERM is a clean stop. A data directory that holds files is kept.
#
# Required: KAFKA_NODE_ID, KAFKA_CLUSTER_ID (22 characters), KAFKA_VOTERS (1@host:9093,...), KAFKA_ADVERTISED.
# Optional: KAFKA_PROFILE (fast, the default, or stock), KAFKA_PROPERTIES (lines; they win), KAFKA_HEAP, KAFKA_LISTENERS,
#           KAFKA_DATA, KAFKA_LOG_LEVEL, KAFKA_JVM_EXTRA.
set -eu
home=/opt/kafka
: "${KAFKA_NODE_ID:?}" "${KAFKA_CLUSTER_ID:?}" "${KAFKA_VOTERS:?}" "${KAFKA_ADVERTISED:?}"
data="${KAFKA_DATA:-/data}"
config="$data.server.properties"

# A Kafka uuid is 16 bytes in url-safe base64 and must not begin with a dash.
uuid() {
  id=-
  while [ "${id#-}" != "$id" ]; do
    id=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | cut -c 1-22)
  done
  echo "$id"
}

mkdir -p "$data"
if [ ! -e "$data/meta.properties" ]; then
  cp "$home/bootstrap.checkpoint" "$data/bootstrap.checkpoint"
  printf 'version=1\ncluster.id=%s\nnode.id=%s\ndirectory.id=%s\n' \
    "$KAFKA_CLUSTER_ID" "$KAFKA_NODE_ID" "$(uuid)" > "$data/meta.properties.new"
  # On disk before the name counts: a drive that dies later must not forget who it was.
  sync "$data/bootstrap.checkpoint" "$data/meta.properties.new"
  mv "$data/meta.properties.new" "$data/meta.properties"
  sync "$data"
fi

# Three copies where there are three voters; a lone broker keeps one and still starts.
voters=$(echo "$KAFKA_VOTERS" | tr ',' '\n' | wc -l)
copies=$(( voters < 3 ? voters : 3 ))
in_sync=$(( copies < 3 ? 1 : 2 ))
{
  cat "$home/profiles/${KAFKA_PROFILE:-fast}.properties"
  cat <<END
process.roles=broker,controller
node.id=$KAFKA_NODE_ID
controller.quorum.voters=$KAFKA_VOTERS
listeners=${KAFKA_LISTENERS:-INTERNAL://:9092,EXTERNAL://:19092,CONTROLLER://:9093}
advertised.listeners=$KAFKA_ADVERTISED
listener.security.protocol.map=INTERNAL:PLAINTEXT,EXTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=INTERNAL
controller.listener.names=CONTROLLER
log.dirs=$data
auto.create.topics.enable=false
default.replication.factor=$copies
min.insync.replicas=$in_sync
offsets.topic.replication.factor=$copies
offsets.topic.num.partitions=3
transaction.state.log.replication.factor=$copies
transaction.state.log.min.isr=$in_sync
transaction.state.log.num.partitions=3
share.coordinator.state.topic.replication.factor=$copies
share.coordinator.state.topic.min.isr=$in_sync
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=4194304
${KAFKA_PROPERTIES:-}
END
} > "$config"

# The class path is a fixed list, not a wildcard: the class-data archive is valid for one exact string.
archive=
if [ -e "$home/kafka.jsa" ]; then
  archive="-XX:SharedArchiveFile=$home/kafka.jsa -Xshare:auto -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0"
fi
# shellcheck disable=SC2086 # flags are words
exec java ${KAFKA_HEAP:--Xmx256m -Xms64m} -Xss512k -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData \
  $archive ${KAFKA_JVM_EXTRA:-} -Dlog4j2.configurationFile="$home/log4j2.properties" \
  -cp "$(cat $home/cp)" kafka.Kafka "$config"
