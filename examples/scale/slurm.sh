#!/bin/sh
# Runs a command of spikelet in shards as a Slurm job array, and merges them when all are done.
#
# usage: slurm.sh SHARDS FOLDER COMMAND [ARGUMENT …]
#   slurm.sh 64 run eval alexnet.spk --dataset cifar10 --json run/figures.json
#
# FOLDER, the model and the data lie where all nodes see them. Each shard takes one core; a task that
# is preempted or whose node is lost is put into the queue again and goes on with its file.
# SBATCH_PARTITION, SBATCH_ACCOUNT and SBATCH_TIMELIMIT are sbatch's own.
set -eu
shards=$1 folder=$2 command=$3
shift 3
spikelet=${SPIKELET:-spikelet}
mkdir -p "$folder"

quoted() { # each argument in single quotes
  for word; do
    printf " '%s'" "$(printf %s "$word" | sed "s/'/'\\\\''/g")"
  done
}
run=$(quoted "$spikelet" "$command" "$@")
array=$(sbatch --parsable --array="1-$shards" --cpus-per-task=1 --requeue \
  --job-name=spikelet --output="$folder/%a.log" <<JOB
#!/bin/sh
exec$run --shard "\$SLURM_ARRAY_TASK_ID/$shards" --resume '$folder/'"\$SLURM_ARRAY_TASK_ID.part" --jobs 1
JOB
)
parts=$(seq -f "'$folder/%.0f.part'" "$shards" | tr '\n' ' ')
sbatch --parsable --dependency="afterok:$array" --job-name=spikelet-merge \
  --output="$folder/merge.log" <<JOB
#!/bin/sh
set -e
$(quoted "$spikelet" merge) $parts -o '$folder/whole'
$run --resume '$folder/whole'
JOB
