# Python packages and the jars of Delta, above the archive: another one is a small layer, and trains nothing again.
ARG BASE
FROM ${BASE}
COPY root/ /
