"""The shipped pipeline with one defect planted, named by `spark.brinell.defect`. Nothing to follow: what the ledger must find.

Each is a mistake that a careful reader of the job can miss; the scenarios beside say what must be found.
"""
import json
import threading
import time

from pipeline import arguments, form, source, validated
from pyspark.sql import SparkSession
from pyspark.sql import functions as F


def truncated(rows):
    """A column narrower than its values."""
    return rows.withColumn("customer_id", F.substring("customer_id", 1, 4))


def nulled(rows):
    """A cast to a type that most values do not fit."""
    return rows.withColumn("amount_cents", F.col("amount_cents").try_cast("smallint").cast("bigint"))


def late_dropped(raw):
    """Events older than three seconds by the wall clock are left out, however late the job itself is."""
    return raw.where(F.col("timestamp") > F.current_timestamp() - F.expr("INTERVAL 3 SECONDS"))


def appended(batch, table):
    batch.write.format(form(batch.sparkSession)).mode("append").save(table)


def at_least_once(batch, table):
    """Appends, then does something else before the batch is committed."""
    appended(batch, table)
    time.sleep(3)


def committed_first(batch, table):
    """The batch is committed as soon as it is handed to a thread that writes it a little later."""
    schema, rows, spark = batch.schema, batch.collect(), batch.sparkSession

    def write():
        time.sleep(2)
        appended(spark.createDataFrame(rows, schema), table)

    if rows:
        threading.Thread(target=write).start()


def auto_commit(raw, args):
    """Offsets are kept as soon as a batch is read, as a consumer with auto-commit does; the batch is written a little later."""
    ends = raw.groupBy("partition").agg((F.max("offset") + 1).alias("end")).collect()
    if ends:
        kept = json.loads(remembered(raw.sparkSession, args) or "{}")
        remember(raw.sparkSession, args, json.dumps({**kept, **{str(row.partition): row.end for row in ends}}))
    time.sleep(2)
    appended(validated(raw), args.table)


def place(spark, name):
    path = spark._jvm.org.apache.hadoop.fs.Path(name)
    return path.getFileSystem(spark._jsc.hadoopConfiguration()), path


def remember(spark, args, text):
    files, path = place(spark, args.checkpoint + "-offsets")
    out = files.create(path, True)
    out.write(bytearray(text, "utf-8"))
    out.close()


def remembered(spark, args):
    """The offsets that were kept; none at the first start."""
    files, path = place(spark, args.checkpoint + "-offsets")
    return spark.sparkContext.wholeTextFiles(path.toString()).values().first() if files.exists(path) else None


def forget(spark, checkpoint):
    """Removes the checkpoint of the run before; says whether there was one."""
    files, path = place(spark, checkpoint)
    return files.delete(path, True)


def stream(rows, args, sink=None, suffix=""):
    writer = rows.writeStream.trigger(processingTime=args.trigger).option("checkpointLocation", args.checkpoint + suffix)
    if sink:
        return writer.foreachBatch(lambda batch, _: sink(batch, args.table)).start()
    return writer.format(form(rows.sparkSession)).option("path", args.table).start()


def main():
    args = arguments()
    spark = SparkSession.builder.appName("planted").getOrCreate()
    defect = spark.conf.get("spark.brinell.defect")
    if defect == "restart-at-latest" and forget(spark, args.checkpoint):
        args.option.append("startingOffsets=latest")
    if defect == "auto-commit" and forget(spark, args.checkpoint):
        args.option.append(f'startingOffsets={{"{args.topic}": {remembered(spark, args)}}}')
    raw = source(spark, args)
    if defect == "late-dropped":
        raw = late_dropped(raw)
    rows = validated(raw)
    columns = {"truncated-column": truncated, "cast-that-nulls": nulled}
    rows = columns.get(defect, lambda same: same)(rows)
    sinks = {"at-least-once-sink": at_least_once, "commit-before-write": committed_first, "restart-at-latest": appended}
    sinks["double-started"] = appended
    if defect == "auto-commit":
        query = stream(raw, args, lambda batch, _: auto_commit(batch, args))
    else:
        query = stream(rows, args, sinks.get(defect))
    if defect == "double-started":
        stream(rows, args, appended, "-again")
    query.awaitTermination()


if __name__ == "__main__":
    main()
