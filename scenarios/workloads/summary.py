"""customer_summary, the gold table: transactions per customer, exact after any restart.

The counts live in the driver. Each version names the batch up to which it counts, so a driver that begins again reads the last
version and counts the batches after it from silver.
"""
from collections import Counter

from pyspark.sql import functions as F

EVERY = 10
SCHEMA = "customer_id STRING, transactions BIGINT, up_to BIGINT"


class Summary:
    def __init__(self, spark, silver, gold):
        self.spark, self.silver, self.gold = spark, silver, gold
        self.counts, self.up_to = Counter(), -1
        self.restored = False

    def paths(self, folder, key):
        """Number and path of each `key=N` below a folder."""
        path = self.spark._jvm.org.apache.hadoop.fs.Path(f"{folder}/{key}=*")
        found = path.getFileSystem(self.spark._jsc.hadoopConfiguration()).globStatus(path) or []
        at = [str(status.getPath()) for status in found]
        return {int(one.rsplit("=", 1)[1]): one for one in at}

    def restore(self, number):
        """What batches before this one counted."""
        versions = self.paths(self.gold, "version")
        for version in sorted(versions, reverse=True)[:1]:
            rows = self.spark.read.schema(SCHEMA).parquet(versions[version]).collect()
            self.counts = Counter({row.customer_id: row.transactions for row in rows})
            self.up_to = version
        missing = [at for batch, at in self.paths(self.silver, "batch").items() if self.up_to < batch < number]
        if missing:
            rows = self.spark.read.parquet(*missing).groupBy("customer_id").count().collect()
            self.counts.update({row["customer_id"]: row["count"] for row in rows})

    def add(self, number, rows, promote):
        """Counts a batch; a version is promoted only where the quality checks passed."""
        if not self.restored:
            self.restore(number)
            self.restored = True
        if number > self.up_to:
            self.counts.update(row.customer_id for row in rows)
            self.up_to = number
        if number % EVERY == 0 and self.counts and promote:
            rows = self.spark.createDataFrame(list(self.counts.items()), "customer_id STRING, transactions BIGINT")
            version = rows.withColumn("up_to", F.lit(number).cast("bigint")).coalesce(1)
            version.write.mode("overwrite").parquet(f"{self.gold}/version={number}")
