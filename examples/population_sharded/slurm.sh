#!/bin/bash
# 16 tasks of one CPU each, which share the directory `results`. From the root of the repository:
#
#     cargo build --release -p population_sharded
#     sbatch examples/population_sharded/slurm.sh # again after failures: what is there is not computed again
#     target/release/population_sharded merge     # when all have ended
#
# Another number of tasks needs no other change, also for results that are there already.
#SBATCH --job-name=population
#SBATCH --array=0-15
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
#SBATCH --time=01:00:00
#SBATCH --requeue
#SBATCH --output=shard-%a.log

exec target/release/population_sharded fit --threads "$SLURM_CPUS_PER_TASK"
