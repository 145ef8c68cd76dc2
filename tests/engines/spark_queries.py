"""Writes the answers to queries on a local Spark warehouse as parquet.

spark_queries.py WAREHOUSE QUERIES ANSWERS: the folder that dbt had as SPARK_FOLDER, a
JSON file of name -> SQL, and the folder that gets one table per name.
"""

import json
import sys
from pathlib import Path

from pyspark.sql import SparkSession


def session(warehouse: str) -> SparkSession:
    """A session on what the sessions of dbt (profiles.yml) left in the folder."""
    settings = {
        "spark.sql.warehouse.dir": f"{warehouse}/warehouse",
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={warehouse}",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        "spark.ui.enabled": "false",
        "spark.log.level": "ERROR",
    }
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.enableHiveSupport().getOrCreate()


def main(warehouse: str, queries: str, answers: str) -> None:
    spark = session(warehouse)
    for name, sql in json.loads(Path(queries).read_text(encoding="utf-8")).items():
        answer = spark.sql(sql).coalesce(1)
        answer.write.mode("overwrite").parquet(f"{answers}/{name}")


if __name__ == "__main__":
    main(*sys.argv[1:])
