#!/bin/sh
# Makes /out/spark.jsa, the archive of every class that master, worker, executor and driver load while a small job streams
# Kafka to Parquet on S3, keeps state, writes JSON and joins. MinIO's binary may be mounted at /train-minio; where it is
# not, the job writes to the container's own disk and the S3 classes load the slow way later.
set -eu
work=/tmp/train
mkdir -p $work/classes $work/drive/train $work/log /out
export SPARK_HOST=127.0.0.1 SPARK_MASTER=127.0.0.1:7077 SPARK_CORES=2 SPARK_MEMORY=1g
trap 'tail -n 25 $work/log/driver >&2' EXIT

store=file:///tmp/train/out
if [ -x /train-minio ]; then
  store=s3a://train
  MINIO_ROOT_USER=training MINIO_ROOT_PASSWORD=training MINIO_BROWSER=off MINIO_UPDATE=off MINIO_CI_CD=1 \
    /train-minio server --address 127.0.0.1:9000 $work/drive > $work/log/minio 2>&1 &
  minio=$!
fi
KAFKA_NODE_ID=1 KAFKA_CLUSTER_ID=MkU3OEVBNTcwNTJENDM2Qk KAFKA_VOTERS=1@127.0.0.1:9093 KAFKA_DATA=$work/kafka \
  KAFKA_LISTENERS=INTERNAL://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093 KAFKA_ADVERTISED=INTERNAL://127.0.0.1:9092 \
  KAFKA_PROPERTIES=auto.create.topics.enable=true sh /opt/kafka/start.sh > $work/log/kafka 2>&1 &
kafka=$!

# Each JVM writes the list of its classes; executors inherit the flag from their worker.
export JDK_JAVA_OPTIONS="-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xss512k -XX:DumpLoadedClassList=$work/classes/%p"
sh /opt/spark/start.sh master > $work/log/master 2>&1 &
master=$!
sh /opt/spark/start.sh worker > $work/log/worker 2>&1 &
worker=$!

echo "run the training job"
timeout -k 5 "${TRAIN_SECONDS:-240}" sh /opt/spark/start.sh driver --master spark://127.0.0.1:7077 \
  --conf spark.driver.host=127.0.0.1 --conf spark.executor.memory=512m --conf spark.ui.port=4040 \
  --conf spark.decommission.enabled=true --conf spark.sql.shuffle.partitions=2 \
  --conf spark.sql.streaming.checkpointFileManagerClass=org.apache.spark.internal.io.cloud.AbortableStreamBasedCheckpointFileManager \
  --conf spark.hadoop.fs.s3a.endpoint=http://127.0.0.1:9000 --conf spark.hadoop.fs.s3a.endpoint.region=us-east-1 \
  --conf spark.hadoop.fs.s3a.path.style.access=true --conf spark.hadoop.fs.s3a.connection.ssl.enabled=false \
  --conf spark.hadoop.fs.s3a.aws.credentials.provider=org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider \
  --conf spark.hadoop.fs.s3a.access.key=training --conf spark.hadoop.fs.s3a.secret.key=training \
  --conf spark.hadoop.fs.s3a.bucket.probe=0 --conf spark.hadoop.fs.s3a.performance.flags=create,mkdir \
  /train/train.py "$store" > $work/log/driver 2>&1

# An executor writes the end of its list while it leaves; its worker and the master do so on SIGTERM.
tries=0
while pgrep -f CoarseGrainedExecutorBackend > /dev/null && [ $tries -lt 100 ]; do
  tries=$((tries + 1))
  sleep 0.2
done
for pid in $worker $master; do
  kill -TERM "$pid"
  wait "$pid" || true
done
kill -KILL "$kafka" ${minio:-}

lists=$(find $work/classes -type f | wc -l)
if [ "$lists" -lt 4 ]; then
  echo "only $lists class lists, expected those of master, worker, executor and driver" >&2
  exit 1
fi
unset JDK_JAVA_OPTIONS
# Proxies have names that no later run repeats.
cat $work/classes/* | grep -v '^#' | grep -vE '(\$Proxy|jdk/proxy)[0-9]*' | awk '!seen[$0]++' > $work/merged
echo "dump the archive of $(wc -l < $work/merged) classes from $lists processes"
timeout -k 5 "${DUMP_SECONDS:-400}" java -Xshare:dump -XX:+UseG1GC -Xmx1500m -XX:SharedClassListFile=$work/merged \
  -XX:SharedArchiveFile=/out/spark.jsa.new -Xlog:cds=error -Xlog:cds+dynamic=error -cp "$(cat /opt/spark/cp)" \
  > $work/log/driver 2>&1
chmod 644 /out/spark.jsa.new
mv /out/spark.jsa.new /out/spark.jsa
trap - EXIT
echo "done"
