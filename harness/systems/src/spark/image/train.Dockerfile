# The stage with a broker beside it: the training job reads real Kafka records, so that their classes are in the archive.
ARG BASE
ARG KAFKA
FROM ${KAFKA} AS kafka
FROM ${BASE}
COPY --from=kafka /opt/kafka /opt/kafka
COPY root/ /
