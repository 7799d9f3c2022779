#!/bin/sh
# One entry for the three roles: `start.sh master`, `start.sh worker`, `start.sh driver <arguments of SparkSubmit>`.
# Each becomes its JVM by exec, without Spark's launcher, which would be a second JVM.
#
# SPARK_HOST: own address (master, worker). SPARK_MASTER: `host:7077` (worker). SPARK_CORES, SPARK_MEMORY (worker).
# SPARK_HEAP: own -Xmx. SPARK_ROLE_OPTS: more JVM flags, such as -Dspark.worker.timeout=10.
set -eu
home=/opt/spark
cp=$(cat $home/cp)
role=$1
shift
opts=${SPARK_ROLE_OPTS:-}

# A worker whose first registration fails tries again only after 8 s or more, so it starts when the master listens.
await() {
  python3 - "$1" <<'END'
import socket, sys, time
host, port = sys.argv[1].rsplit(":", 1)
for _ in range(1200):
    try:
        socket.create_connection((host, int(port)), 1).close()
        sys.exit(0)
    except OSError:
        time.sleep(0.1)
sys.exit("no master at " + sys.argv[1] + " after 120 s")
END
}

case $role in
master)
  mkdir -p /data/recovery
  # Without recovery a restarted master forgets the driver, which then hangs for ever.
  # shellcheck disable=SC2086 # flags are words
  exec java -Xmx"${SPARK_HEAP:-96m}" -Dspark.deploy.recoveryMode=FILESYSTEM -Dspark.deploy.recoveryDirectory=/data/recovery \
    $opts -cp "$cp" org.apache.spark.deploy.master.Master \
    --host "${SPARK_HOST:?}" --port 7077 --webui-port 8080
  ;;
worker)
  await "${SPARK_MASTER:?}"
  # shellcheck disable=SC2086
  exec java -Xmx"${SPARK_HEAP:-96m}" -Dspark.decommission.enabled=true $opts -cp "$cp" org.apache.spark.deploy.worker.Worker \
    --host "${SPARK_HOST:?}" --port 7078 --webui-port 8081 --cores "${SPARK_CORES:-1}" --memory "${SPARK_MEMORY:-1g}" \
    --work-dir /data/work "spark://$SPARK_MASTER"
  ;;
driver)
  # shellcheck disable=SC2086,SC2046
  exec java -Xmx"${SPARK_HEAP:-512m}" $(cat $home/modules) $opts -cp "$cp" org.apache.spark.deploy.SparkSubmit "$@"
  ;;
*)
  echo "unknown role $role: master, worker or driver" >&2
  exit 2
  ;;
esac
