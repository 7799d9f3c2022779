# Spark without its class-data archive: what the archive is trained and made in.
ARG BASE
FROM ${BASE}
COPY root/ /
ENV SPARK_HOME=/opt/spark SPARK_SCALA_VERSION=2.13 PYSPARK_PYTHON=python3 PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH=/opt/spark/python:/opt/spark/python/lib/py4j-0.10.9.9-src.zip
WORKDIR /tmp
ENTRYPOINT ["/bin/sh", "/opt/spark/start.sh"]
