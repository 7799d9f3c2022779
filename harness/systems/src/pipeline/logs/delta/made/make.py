"""Makes `table`, a Delta table of twelve records, by Delta itself. How it was run, with Spark 4.1.3 and the jars of delta.lock:

    spark-submit --master local[1] --conf spark.jars=<the jars> \
      --conf spark.sql.extensions=io.delta.sql.DeltaSparkSessionExtension \
      --conf spark.sql.catalog.spark_catalog=org.apache.spark.sql.delta.catalog.DeltaCatalog make.py table

Three appends of four records to a table partitioned by `partition`, an OPTIMIZE that puts their files together, and a canary.
Version 3 has a checkpoint; the versions before it are removed, as Delta does after its retention. Checksum files go too.
"""
import hashlib
import pathlib
import sys

from pyspark.sql import SparkSession

SCHEMA = """number BIGINT, partition INT, seq BIGINT, intended_ns BIGINT, transaction_id STRING, customer_id STRING,
            merchant_id STRING, amount_cents BIGINT, currency STRING, checksum STRING, rejected STRING, raw BINARY"""


def record(number):
    fields = [number, 0, number, number, f"t-{number}", f"c-{number}", f"m-{number}", 1 + abs(number), "EUR"]
    checksum = hashlib.sha256("|".join(map(str, fields)).encode()).hexdigest()[:16]
    return (*fields, checksum, None, None)


table = sys.argv[1]
spark = SparkSession.builder.getOrCreate()
spark.conf.set("spark.databricks.delta.properties.defaults.checkpointInterval", "3")
for numbers in (range(4), range(4, 8), range(8, 12), None, [-1]):
    if numbers is None:
        spark.sql(f"OPTIMIZE delta.`{table}`")
    else:
        rows = spark.createDataFrame([record(number) for number in numbers], SCHEMA).coalesce(1)
        rows.write.format("delta").mode("append").partitionBy("partition").save(table)
log = pathlib.Path(table, "_delta_log")
gone = [log / f"{version:020}.json" for version in range(3)] + list(log.glob("*.crc")) + list(log.glob(".*.crc"))
for path in gone + list(pathlib.Path(table).glob("**/.*.crc")):
    path.unlink(missing_ok=True)
