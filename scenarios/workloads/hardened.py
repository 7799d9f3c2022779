"""process_transactions for production: the same job as `unhardened.py`, with what a bad day needs. docs/hardening.md says why each.

transactions (Kafka) -> silver (Parquet, each row with its merchant's category) -> customer_summary (gold: count per customer);
records that fail validation go to the dead letters with the reason and their bytes.
"""
import json
import time

import summary
import telemetry
from enrichment import Enrichment
from pipeline import COLUMNS, arguments, source, validated
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

# Bounds the first batches after an outage, so that the job catches up in steps.
MOST_A_BATCH = "maxOffsetsPerTrigger=6000"
# The category of a merchant that the service could not be asked about.
UNKNOWN = "unknown"


def completeness(rows):
    """Share of rows that passed validation: they have every required column."""
    good = [row for row in rows if row.rejected is None]
    return len(good) / len(rows) if rows else 1.0


def duplicates(rows):
    """Transactions that are in the batch more than once."""
    ids = [row.transaction_id for row in rows if row.rejected is None]
    return len(ids) - len(set(ids))


class Job:
    """One batch after another, each written to places that its number names: done twice is done once."""

    def __init__(self, spark, args):
        self.table = args.table
        conf = spark.conf.get
        self.dead_letters = conf("spark.brinell.dead_letters")
        self.enrichment = Enrichment(conf("spark.brinell.enrichment"))
        self.summary = summary.Summary(spark, self.table, conf("spark.brinell.gold"))

    def place(self, table, number):
        return f"{table}/batch={number}"

    def process(self, batch, number):
        begun = time.monotonic()
        rows = validated(batch).persist()
        keys = rows.select("merchant_id", "customer_id", "transaction_id", "rejected").collect()
        good = [key for key in keys if key.rejected is None]
        # Dead letters first: whoever sees the batch in silver finds what was rejected of it.
        if len(good) < len(keys):
            bad = rows.where("rejected IS NOT NULL").select("number", "rejected", "raw")
            bad.write.mode("overwrite").parquet(self.place(self.dead_letters, number))
        self.store(rows, good, number)
        rows.unpersist()
        quality = {"completeness": completeness(keys), "duplicates": duplicates(keys)}
        self.summary.add(number, good, promote=quality["duplicates"] == 0)
        telemetry.batch(number, len(good), len(keys) - len(good), time.monotonic() - begun, quality)
        telemetry.audit(self.table, "write", len(good))

    def store(self, rows, good, number):
        known = json.dumps(self.enrichment.categories({key.merchant_id for key in good}))
        known = F.from_json(F.lit(known), "MAP<STRING, STRING>")
        category = F.coalesce(F.try_element_at(known, "merchant_id"), F.lit(UNKNOWN))
        accepted = rows.where("rejected IS NULL").select(*COLUMNS, category.alias("category"))
        accepted.write.mode("overwrite").parquet(self.place(self.table, number))


def main():
    args = arguments()
    args.option.append(MOST_A_BATCH)
    spark = SparkSession.builder.appName("hardened").getOrCreate()
    telemetry.serve()
    job = Job(spark, args)
    writer = source(spark, args).writeStream.foreachBatch(job.process)
    query = writer.option("checkpointLocation", args.checkpoint).trigger(processingTime=args.trigger).start()
    telemetry.watch(query)
    query.awaitTermination()


if __name__ == "__main__":
    main()
