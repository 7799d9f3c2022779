"""process_transactions as it is often written first: it does the job, and nothing of it is there for a bad day.

transactions (Kafka) -> silver (Parquet, each row with its merchant's category) -> customer_summary (gold: count per customer).
"""
import argparse
import json
import time
import urllib.request
from collections import Counter

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

SCHEMA = """number BIGINT, partition INT, seq BIGINT, intended_ns BIGINT, transaction_id STRING, customer_id STRING,
            merchant_id STRING, amount_cents BIGINT, currency STRING, checksum STRING"""
GOLD_EVERY = 10


def arguments():
    parser = argparse.ArgumentParser()
    for name in ("brokers", "topic", "table", "checkpoint", "trigger"):
        parser.add_argument("--" + name, required=True)
    return parser.parse_args()


def categories(url, merchants):
    """What the enrichment service knows of these merchants, however long that takes."""
    while merchants:
        try:
            with urllib.request.urlopen(f"{url}/merchants?ids={','.join(merchants)}") as answer:
                return {name: about["category"] for name, about in json.load(answer).items()}
        except Exception as error:
            print("enrichment failed, trying again:", error)
            time.sleep(0.1)
    return {}


def main():
    args = arguments()
    spark = SparkSession.builder.appName("unhardened").getOrCreate()
    url = spark.conf.get("spark.brinell.enrichment")
    gold = spark.conf.get("spark.brinell.gold")
    form = spark.conf.get("spark.brinell.format", "parquet")
    counts = Counter()

    def process(batch, number):
        rows = batch.select(F.from_json(F.col("value").cast("string"), SCHEMA).alias("t")).select("t.*").persist()
        keys = rows.select("merchant_id", "customer_id").collect()
        merchants = sorted({key.merchant_id for key in keys if key.merchant_id})
        known = F.from_json(F.lit(json.dumps(categories(url, merchants))), "MAP<STRING, STRING>")
        rows.withColumn("category", F.try_element_at(known, "merchant_id")).write.format(form).mode("append").save(args.table)
        rows.unpersist()
        counts.update(key.customer_id for key in keys)
        if number % GOLD_EVERY == 0 and counts:
            summary = spark.createDataFrame(list(counts.items()), "customer_id STRING, transactions BIGINT")
            summary.coalesce(1).write.mode("overwrite").parquet(gold)
        print("batch", number, "rows", len(keys))

    source = spark.readStream.format("kafka").option("kafka.bootstrap.servers", args.brokers).option("subscribe", args.topic)
    query = source.load().writeStream.foreachBatch(process).trigger(processingTime=args.trigger).start()
    query.awaitTermination()


if __name__ == "__main__":
    main()
