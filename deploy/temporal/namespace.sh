#!/bin/sh
# Creates the namespace and the search attributes of the workflows. Safe to run again.
# Settings: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, as the temporal CLI reads them.
set -eu

# The server answers on its port a little before it serves.
tries=30
until temporal operator cluster health; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || exit 1
  sleep 2
done

temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 30d

# One a command: with several the CLI adds only the first.
for name in MlopsProject MlopsRepository MlopsCommit MlopsBranch MlopsPhase MlopsModel MlopsVerdict; do
  temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" --name "$name" --type Keyword
done
