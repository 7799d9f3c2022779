# Kafka without its class-data archive: what the archive is trained and made in.
ARG BASE
FROM ${BASE}
COPY root/ /
