#!/bin/sh
# Unpacks the wheels of /in beside pyspark under /out/root, with byte code, so that no start of a driver or worker compiles them.
set -eu
python=/out/root/opt/spark/python
mkdir -p $python
for wheel in /in/*.whl; do
  python3 -m zipfile -e "$wheel" $python
done
python3 -m compileall -q -s /out/root --invalidation-mode unchecked-hash $python
