#!/bin/sh
# Classifies an IDX file of pictures on a shelf of boards, and prints a line a picture, in order.
#
# usage: boards.sh SHARDS MODEL PICTURES [OPTION …]
#   PARALLEL='--sshlogin pi@one,pi@two,pi@three' boards.sh 30 lenet5-avg.spk t10k-images-idx3-ubyte
#
# Each board has ./spikelet-board and the model; the pictures go to it through the connection, a shard
# at a time. A shard whose board is lost goes to another one. BOARD is what runs there.
set -eu
shards=$1 model=$2 pictures=$3
shift 3
byte() { od -An -tu1 -j"$1" -N1 "$pictures" | tr -d ' '; }
word() { echo $((($(byte "$1") << 24) + ($(byte $(($1 + 1))) << 16) + ($(byte $(($1 + 2))) << 8) \
  + $(byte $(($1 + 3))))); }
extents=$(byte 3) count=$(word 4) size=1
for extent in $(seq 1 $((extents - 1))); do size=$((size * $(word $((4 + 4 * extent))))); done

# One shard as an IDX file of its own: the header with its number of pictures, and their bytes.
part() {
  first=$((count * ($1 - 1) / shards)) next=$((count * $1 / shards))
  head -c 4 "$pictures"
  # shellcheck disable=SC2059 # the format is what is printed
  printf "$(printf '\\%03o\\%03o\\%03o\\%03o' $(((next - first) >> 24 & 255)) \
    $(((next - first) >> 16 & 255)) $(((next - first) >> 8 & 255)) $(((next - first) & 255)))"
  tail -c +9 "$pictures" | head -c $((4 * (extents - 1)))
  tail -c +$((5 + 4 * extents + first * size)) "$pictures" | head -c $(((next - first) * size))
}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for shard in $(seq "$shards"); do part "$shard" > "$folder/$shard"; done
seq -f "$folder/%.0f" "$shards" | parallel --will-cite --keep-order --retries 3 --halt soon,fail=20% \
  --transferfile '{}' --cleanup "${BOARD:-./spikelet-board} --quiet $* $model - < {}" |
  awk '{ sub(/^[0-9]+/, n++); print }' # a board counts its own pictures
