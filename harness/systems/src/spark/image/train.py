"""The job that every Spark role runs once, while its classes are listed for the archive.

It touches what the reference workloads touch: Kafka in and out, JSON, checksums, a Parquet file sink with its checkpoint on
the store, a stateful deduplication, and a batch join. What it computes is of no interest.
"""
import sys

from pyspark.sql import SparkSession, functions as f

STORE = sys.argv[1]
BROKER = "127.0.0.1:9092"
SCHEMA = "id LONG, at TIMESTAMP, account STRING, amount DOUBLE, crc LONG"


def produce(spark, rows):
    """Writes `rows` numbered records; the first write also creates the topic."""
    body = f.struct(
        f.col("id"),
        f.current_timestamp().alias("at"),
        f.concat(f.lit("a"), f.col("id") % 50).alias("account"),
        (f.col("id") * 0.5).alias("amount"),
        f.crc32(f.col("id").cast("string")).alias("crc"),
    )
    frame = spark.range(rows).select(f.col("id").cast("string").alias("key"), f.to_json(body).alias("value"))
    frame.write.format("kafka").option("kafka.bootstrap.servers", BROKER).option("topic", "t").save()


def records(spark):
    """The topic as a stream of parsed, valid records."""
    source = (
        spark.readStream.format("kafka")
        .option("kafka.bootstrap.servers", BROKER)
        .option("subscribe", "t")
        .option("startingOffsets", "earliest")
        .option("maxOffsetsPerTrigger", 400)
        .load()
    )
    parsed = source.select(
        "partition", "offset", "timestamp", f.from_json(f.col("value").cast("string"), SCHEMA).alias("r")
    ).select("partition", "offset", "timestamp", "r.*")
    return parsed.where(f.col("id").isNotNull() & (f.col("crc") == f.crc32(f.col("id").cast("string"))))


def drain(frame, form, path, mode):
    """Runs `frame` into files of `form` in a few batches, then stops as an operator would."""
    query = (
        frame.writeStream.format(form)
        .option("path", f"{STORE}/{path}")
        .option("checkpointLocation", f"{STORE}/checkpoints/{path}")
        .outputMode(mode)
        .trigger(processingTime="300 milliseconds")
        .start()
    )
    query.processAllAvailable()
    query.stop()


spark = SparkSession.builder.appName("training").getOrCreate()
produce(spark, 1000)
drain(records(spark), "parquet", "valid", "append")
produce(spark, 200)
drain(records(spark), "parquet", "valid", "append")
unique = records(spark).withWatermark("timestamp", "1 minute").dropDuplicates(["id", "timestamp"])
drain(unique, "json", "unique", "append")

table = spark.read.parquet(f"{STORE}/valid")
sums = table.groupBy("account").agg(f.sum("amount").alias("total"), f.count("*").alias("n"))
sums.join(table.select("account", "id"), "account").write.mode("overwrite").parquet(f"{STORE}/joined")
print("rows", table.count())
spark.stop()
