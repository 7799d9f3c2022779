#!/bin/sh
# Makes what the image adds to the jars, into /out: `bootstrap.checkpoint` (the feature levels of a formatted disk; it
# holds no id) and `kafka.jsa`, the archive of every class three brokers load to elect, replicate, serve a group and stop.
set -eu
home=/opt/kafka
cp=$(cat $home/cp)
work=/tmp/train
mkdir -p $work /out
export KAFKA_CLUSTER_ID=MkU3OEVBNTcwNTJENDM2Qk KAFKA_VOTERS=1@127.0.0.1:9193,2@127.0.0.1:9293,3@127.0.0.1:9393

tool() {
  java -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dlog4j2.configurationFile=$home/log4j2.properties -cp "$cp" "$@"
}

echo "format one disk"
cat > $work/format.properties <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:9193
listeners=INTERNAL://:9092,CONTROLLER://:9093
listener.security.protocol.map=INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=INTERNAL
controller.listener.names=CONTROLLER
log.dirs=$work/format
END
mkdir -p $work/format
KAFKA_LOG_LEVEL=WARN tool kafka.tools.StorageTool format --cluster-id $KAFKA_CLUSTER_ID --config $work/format.properties
cp $work/format/bootstrap.checkpoint $home/bootstrap.checkpoint

echo "run three brokers"
pids=
for n in 1 2 3; do
  KAFKA_NODE_ID=$n KAFKA_DATA=$work/data$n KAFKA_JVM_EXTRA="-XX:DumpLoadedClassList=$work/classes$n" \
    KAFKA_LISTENERS=INTERNAL://127.0.0.1:9${n}92,EXTERNAL://127.0.0.1:9${n}94,CONTROLLER://127.0.0.1:9${n}93 \
    KAFKA_ADVERTISED=INTERNAL://127.0.0.1:9${n}92,EXTERNAL://127.0.0.1:9${n}94 \
    KAFKA_PROPERTIES='broker.session.timeout.ms=20000' sh $home/start.sh > $work/log$n 2>&1 &
  pids="$pids $!"
done
# Whatever happens next, what the brokers said is the first thing to read.
trap 'tail -n 15 $work/log1 >&2' EXIT

at=127.0.0.1:9194
export KAFKA_LOG_LEVEL=ERROR
tries=0
until tool org.apache.kafka.tools.TopicCommand --bootstrap-server $at --create --topic t --partitions 3 \
  --replication-factor 3 > $work/create 2>&1; do
  tries=$((tries + 1))
  if [ $tries -ge 8 ]; then cat $work/create >&2; exit 1; fi
  sleep 2
done
echo "produce and consume"
seq 1 500 | tool org.apache.kafka.tools.ConsoleProducer --bootstrap-server $at --topic t
for protocol in classic consumer; do
  tool org.apache.kafka.tools.consumer.ConsoleConsumer --bootstrap-server $at --topic t --from-beginning --max-messages 500 \
    --timeout-ms 40000 --group g-$protocol --command-property group.protocol=$protocol > $work/got
  [ "$(wc -l < $work/got)" -eq 500 ]
done
# shellcheck disable=SC2086 # one word per broker
kill -TERM $pids
# A broker whose quorum went first waits for it in vain; its class list is complete by then.
(sleep 20; kill -KILL $pids 2>/dev/null) &
for pid in $pids; do wait "$pid" || true; done

echo "dump the archive"
# Proxies and lambda forms have names that no later run repeats.
cat $work/classes? | grep -v '^#' | grep -vE '(\$Proxy|jdk/proxy)[0-9]*' | awk '!seen[$0]++' > $work/classes
echo "$(wc -l < $work/classes) classes"
java -Xshare:dump -XX:+UseG1GC -Xmx1g -XX:SharedClassListFile=$work/classes -XX:SharedArchiveFile=/out/kafka.jsa.new \
  -Xlog:cds=error -Xlog:cds+dynamic=error -cp "$cp" > $work/dump 2>&1 || { tail -n 20 $work/dump >&2; exit 1; }
chmod 644 /out/kafka.jsa.new
cp $home/bootstrap.checkpoint /out/bootstrap.checkpoint
mv /out/kafka.jsa.new /out/kafka.jsa
trap - EXIT
echo "done"
