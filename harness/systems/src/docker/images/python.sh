#!/bin/sh
# Downloads the one file of /in/requirements.txt to /out. pip checks its digest before it looks inside.
set -eu
if [ -e /certificates.pem ]; then export PIP_CERT=/certificates.pem; fi
exec pip download -q --disable-pip-version-check --no-cache-dir --no-deps --no-build-isolation --require-hashes \
  -r /in/requirements.txt -d /out
