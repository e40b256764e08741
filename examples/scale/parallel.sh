#!/bin/sh
# Runs a command of spikelet in shards with GNU parallel, here or on other machines, and merges them.
#
# usage: parallel.sh SHARDS FOLDER COMMAND [ARGUMENT …]
#   parallel.sh 8 run eval lenet5-avg.spk --dataset mnist --json run/figures.json
#
# FOLDER holds a file a shard, then `whole`. What is there already is not done again, so a run that
# was interrupted goes on by the same line. A shard whose worker is lost runs again elsewhere.
#
# Workers are PARALLEL's: PARALLEL='--sshloginfile workers --workdir /shared/run' runs on every host
# of the file `workers`, which see the same folder; for hosts that do not, add --transfer of the model
# and --return of the shard. SPIKELET names the program on them.
set -eu
shards=$1 folder=$2 command=$3
shift 3
spikelet=${SPIKELET:-spikelet}
mkdir -p "$folder"
# Options that write or show figures are for the last line alone: shards have none.
seq "$shards" | parallel --will-cite --halt soon,fail=20% --retries 3 \
  --joblog "$folder/jobs" --quote \
  "$spikelet" "$command" "$@" --shard "{}/$shards" --resume "$folder/{}.part" --jobs 1 \
  > "$folder/shards.txt"
set -- "$@" --resume "$folder/whole"
# shellcheck disable=SC2046 # numbers, so no names with spaces but the folder's, which stays whole
(cd "$folder" && "$spikelet" merge $(seq -f '%.0f.part' "$shards") -o whole)
"$spikelet" "$command" "$@"
