#!/bin/sh
# Lays out /opt/spark under /out/root from the sdist (/in/sdist.tar.gz) and the connector jars (/in/jars).
# Argument: the patterns of the jars to leave out, separated by spaces.
# Every time stamp is the same fixed one: the class-data archive is valid only for jars with the times it was made from.
set -eu
rm -rf /out/root /tmp/sdist
mkdir -p /tmp/sdist /out/root/opt/spark/python/lib /out/root/opt/spark/jars
tar -xzf /in/sdist.tar.gz -C /tmp/sdist --strip-components=1 --no-same-owner \
  --exclude='*/deps/licenses' --exclude='*/deps/data' --exclude='*/deps/examples' --exclude='*/tests'
spark=/out/root/opt/spark

cd /tmp/sdist/deps/jars
# shellcheck disable=SC2086 # the patterns are words, and must match here
rm -rf -- $1
cp -- *.jar /in/jars/*.jar $spark/jars/

# Packages as files, not zips: a zip keeps no byte code, so every driver start would compile pyspark again.
cp -r /tmp/sdist/pyspark $spark/python/pyspark
cp /tmp/sdist/lib/*.zip $spark/python/lib/
python3 -m zipfile -e /tmp/sdist/lib/py4j-*-src.zip $spark/python/
find $spark/python -name __pycache__ -prune -exec rm -rf {} +
python3 -m compileall -q -j 0 -s /out/root --invalidation-mode unchecked-hash \
  $spark/python/pyspark $spark/python/py4j -x 'pyspark/(pandas|ml|mllib|connect)/' > /dev/null

echo "$(ls $spark/jars | wc -l) jars"
find /out/root -exec touch -h -d @1700000000 {} +
