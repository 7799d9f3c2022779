"""The reference pipeline: transactions from Kafka, validated, into a table on an object store: Parquet files, or Delta where told.

No record is dropped: one that fails validation is stored with the reason in `rejected` and its bytes in `raw`, so that a reader
can count it. The table is exact only for readers that honour its commit log, `_spark_metadata` or Delta's; a bare listing shows
files of killed attempts too.
"""
import argparse

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

SCHEMA = """number BIGINT, partition INT, seq BIGINT, intended_ns BIGINT, transaction_id STRING, customer_id STRING,
            merchant_id STRING, amount_cents BIGINT, currency STRING, checksum STRING"""
COLUMNS = [column.split()[0] for column in SCHEMA.split(",")]


def arguments():
    parser = argparse.ArgumentParser()
    for name in ("brokers", "topic", "table", "checkpoint", "trigger"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--option", action="append", default=[], help="key=value of the Kafka source")
    parser.add_argument("--shuffle", action="store_true", help="exchange each batch before it is written")
    return parser.parse_args()


def source(spark, args):
    """The topic as a stream of Kafka records."""
    options = dict(option.split("=", 1) for option in args.option)
    return (
        spark.readStream.format("kafka")
        .option("kafka.bootstrap.servers", args.brokers)
        .option("subscribe", args.topic)
        .option("startingOffsets", "earliest")
        .options(**options)
        .load()
    )


def validated(raw):
    """One row per record: its columns, and why it was rejected (null for a good one)."""
    row = raw.select(F.from_json(F.col("value").cast("string"), SCHEMA).alias("t"), "value")
    missing = [F.when(F.col("t." + name).isNull(), F.lit("no " + name)) for name in COLUMNS]
    wrong = F.when(F.col("t.amount_cents") <= 0, F.lit("amount not above zero"))
    reason = F.coalesce(*missing, wrong)
    return row.withColumn("rejected", reason).select(
        "t.*", "rejected", F.when(F.col("rejected").isNotNull(), F.col("value")).alias("raw")
    )


def form(spark):
    """How tables are written: `spark.brinell.format`, or Parquet."""
    return spark.conf.get("spark.brinell.format", "parquet")


def main():
    args = arguments()
    spark = SparkSession.builder.appName("pipeline").getOrCreate()
    rows = validated(source(spark, args))
    if args.shuffle:
        rows = rows.repartition(2, "partition")
    query = (
        rows.writeStream.format(form(spark))
        .option("path", args.table)
        .option("checkpointLocation", args.checkpoint)
        .trigger(processingTime=args.trigger)
        .start()
    )
    query.awaitTermination()


if __name__ == "__main__":
    main()
