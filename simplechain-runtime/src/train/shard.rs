//! Which part of the items a process works on.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use core::fmt;
use std::env;

use crate::error::{Error, check_range};

/// One of several processes that share items: shard `index` of `count`, counted from 0.
///
/// ```
/// use simplechain::train::Shard;
///
/// let shard = Shard::new(1, 3)?;
/// assert_eq!(shard.items(8).collect::<Vec<_>>(), [1, 4, 7]);
/// # Ok::<(), simplechain::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shard {
    index: usize,
    count: usize,
}

impl Shard {
    /// The only one.
    pub const WHOLE: Self = Self { index: 0, count: 1 };

    /// Shard `index` of `count`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`]
    pub fn new(index: usize, count: usize) -> Result<Self, Error> {
        let ok = index < count;
        let allowed = "less than the number of shards";
        check_range("the index of the shard", index as f64, ok, allowed)?;
        Ok(Self { index, count })
    }

    /// The shard that the environment variables say this process is:
    ///
    /// | started by | index | count |
    /// |---|---|---|
    /// | a Slurm array job, `sbatch --array=0-7` | `SLURM_ARRAY_TASK_ID`, less `_MIN`, by `_STEP` | `SLURM_ARRAY_TASK_COUNT` |
    /// | an Indexed Job of Kubernetes | `JOB_COMPLETION_INDEX` | `SHARD_COUNT`: set it in the manifest, to its `completions` |
    /// | `mpirun` of Open MPI | `OMPI_COMM_WORLD_RANK` | `OMPI_COMM_WORLD_SIZE` |
    /// | `mpirun` of MPICH, Intel MPI and others | `PMI_RANK` | `PMI_SIZE` |
    /// | `srun`, unless one of the last two is there too | `SLURM_PROCID` | `SLURM_STEP_NUM_TASKS` |
    /// | anything else, and before all of these | `SHARD_INDEX` | `SHARD_COUNT` |
    ///
    /// [`WHOLE`](Self::WHOLE) if there are none. A count of 1 divides nothing: `srun` in a task of an array job changes nothing.
    ///
    /// # Errors
    /// [`Error::Environment`] for an index without its count, or a count without its index; for a text that is not a number, and an index that is
    /// not less than its count; for an array that is not a range; and if two launchers contradict each other.
    pub fn from_env() -> Result<Self, Error> {
        let value = |name: &str| env::var_os(name).map(|text| text.to_string_lossy().into_owned());
        Variables(&value).shard()
    }

    /// Counted from 0.
    pub fn index(self) -> usize {
        self.index
    }

    /// How many shards there are.
    pub fn count(self) -> usize {
        self.count
    }

    /// Its part of the items `0..total`: every `count`-th, so that all shards take about as long if neighbours do.
    pub fn items(self, total: usize) -> impl Iterator<Item = usize> {
        (self.index..total).step_by(self.count)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "shard {} of {}", self.index, self.count)
    }
}

/// The environment: the value of a variable.
struct Variables<'a>(&'a dyn Fn(&str) -> Option<String>);

const INDEX: &str = "SHARD_INDEX";
const COUNT: &str = "SHARD_COUNT";
const JOB: &str = "JOB_COMPLETION_INDEX";
const MPI: [(&str, &str); 2] = [
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
    ("PMI_RANK", "PMI_SIZE"),
];
const STEP: (&str, &str) = ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS");

impl Variables<'_> {
    fn shard(&self) -> Result<Shard, Error> {
        let has = |name: &str| (self.0)(name).is_some();
        let index = if has(JOB) && !has(INDEX) { JOB } else { INDEX };
        let given = self.pair(index, COUNT)?;
        if let (INDEX, Some(shard)) = (index, given) {
            return Ok(shard);
        }
        let mut given = vec![(index, given), ("SLURM_ARRAY_TASK_ID", self.array()?)];
        for (rank, size) in MPI {
            given.push((rank, self.pair(rank, size)?));
        }
        // What `mpirun` starts inherits the variables of its own step. And a batch script has an index too, but is no step.
        let is_step = has(STEP.1) && !MPI.iter().any(|(rank, _)| has(rank));
        if is_step {
            given.push((STEP.0, self.pair(STEP.0, STEP.1)?));
        }
        let given = given.into_iter();
        let given = given.filter_map(|(name, shard)| Some((name, shard?)));
        let mut given = given.filter(|(_, shard)| shard.count > 1);
        let Some((name, shard)) = given.next() else {
            return Ok(Shard::WHOLE);
        };
        match given.find(|(_, other)| *other != shard) {
            None => Ok(shard),
            Some((second, other)) => Err(Error::Environment(format!(
                "`{name}` says {shard}, but `{second}` says {other}: set `{INDEX}` and `{COUNT}`, which come before both"
            ))),
        }
    }

    /// The task of an array job. Its numbers may begin anywhere, and have a step.
    fn array(&self) -> Result<Option<Shard>, Error> {
        const ID: &str = "SLURM_ARRAY_TASK_ID";
        const TASKS: &str = "SLURM_ARRAY_TASK_COUNT";
        let (Some(id), Some(count)) = self.both(ID, TASKS)? else {
            return Ok(None);
        };
        let min = self.number("SLURM_ARRAY_TASK_MIN")?.unwrap_or(0);
        let step = self.number("SLURM_ARRAY_TASK_STEP")?.unwrap_or(1);
        let max = self.number("SLURM_ARRAY_TASK_MAX")?;
        // A list, such as `1,5,6`, has a step too.
        let index = |id: usize| {
            let steps = id.checked_sub(min)?.checked_div(step)?;
            (steps < count && min + steps * step == id).then_some(steps)
        };
        let is_range = max.is_none_or(|max| index(max) == Some(count - 1));
        match index(id).filter(|_| is_range) {
            Some(index) => Ok(Some(Shard { index, count })),
            None => Err(Error::Environment(format!(
                "task {id} of this array of {count} has no place in a range: submit a whole one, such as `--array=0-7` (what is done is not \
                 done again), or set `{INDEX}` and `{COUNT}`"
            ))),
        }
    }

    /// An index with its count, if they are there.
    fn pair(&self, index: &str, count: &str) -> Result<Option<Shard>, Error> {
        match self.both(index, count)? {
            (Some(i), Some(n)) if i < n => Ok(Some(Shard { index: i, count: n })),
            (Some(i), Some(n)) => Err(Error::Environment(format!(
                "`{index}` is {i}, but must be less than `{count}`, which is {n}"
            ))),
            _ => Ok(None),
        }
    }

    /// Two numbers that are there together, or not at all.
    fn both(&self, index: &str, count: &str) -> Result<(Option<usize>, Option<usize>), Error> {
        let numbers = (self.number(index)?, self.number(count)?);
        let (there, missing) = match numbers {
            (Some(_), None) => (index, count),
            (None, Some(_)) => (count, index),
            _ => return Ok(numbers),
        };
        let help = match missing {
            COUNT if index == JOB => {
                "Kubernetes does not give it: set it in the manifest, to the number of `completions`"
            }
            COUNT => "set it to the number of shards",
            INDEX => "set it to the number of this shard, counted from 0, or remove the count",
            _ => "set both, or none",
        };
        Err(Error::Environment(format!(
            "`{there}` is set, but `{missing}` is not: {help}"
        )))
    }

    fn number(&self, name: &str) -> Result<Option<usize>, Error> {
        let Some(text) = (self.0)(name) else {
            return Ok(None);
        };
        match text.parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(Error::Environment(format!(
                "`{name}` is `{}`, but must be a number",
                text.escape_debug()
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::borrow::ToOwned;
    use alloc::string::ToString;
    use alloc::vec::Vec;

    use super::*;

    /// What an environment such as `A=1 B=2` gives: a shard, or the message.
    fn of(environment: &str) -> Result<(usize, usize), String> {
        let value = |name: &str| {
            let mut all = environment.split_whitespace();
            all.find_map(|one| one.strip_prefix(name)?.strip_prefix('=').map(str::to_owned))
        };
        let shard = Variables(&value).shard();
        shard
            .map(|shard| (shard.index, shard.count))
            .map_err(|error| error.to_string())
    }

    #[track_caller]
    fn fails(environment: &str, parts: &[&str]) {
        let message = of(environment).expect_err(environment);
        for part in parts {
            assert!(message.contains(part), "{message}");
        }
    }

    const ARRAY: &str = "SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_COUNT=8 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=7 \
                         SLURM_ARRAY_TASK_STEP=1";

    #[test]
    fn every_launcher() {
        assert_eq!(of("PATH=/bin"), Ok((0, 1)));
        assert_eq!(of("SHARD_INDEX=2 SHARD_COUNT=3"), Ok((2, 3)));
        assert_eq!(of("JOB_COMPLETION_INDEX=4 SHARD_COUNT=5"), Ok((4, 5)));
        let ompi = "OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=4";
        assert_eq!(of(ompi), Ok((1, 4)));
        assert_eq!(of("PMI_RANK=0 PMI_SIZE=2"), Ok((0, 2)));
        let srun = "SLURM_PROCID=3 SLURM_NTASKS=4 SLURM_STEP_NUM_TASKS=4";
        assert_eq!(of(srun), Ok((3, 4)));
        assert_eq!(of(ARRAY), Ok((5, 8)));
    }

    #[test]
    fn arrays_begin_anywhere_and_have_steps() {
        let of = |id: usize, count: usize, range: [usize; 3]| {
            let [min, max, step] = range;
            of(&format!(
                "SLURM_ARRAY_TASK_ID={id} SLURM_ARRAY_TASK_COUNT={count} SLURM_ARRAY_TASK_MIN={min} \
                 SLURM_ARRAY_TASK_MAX={max} SLURM_ARRAY_TASK_STEP={step}"
            ))
        };
        assert_eq!(of(1, 10, [1, 10, 1]), Ok((0, 10)));
        assert_eq!(of(10, 10, [1, 10, 1]), Ok((9, 10)));
        assert_eq!(of(12, 4, [0, 12, 4]), Ok((3, 4)));
        assert_eq!(of(7, 1, [7, 7, 1]), Ok((0, 1)));
        // `--array=3,5`, `1-7:2,20`, and what Slurm would not give.
        for (id, count, range) in [
            (3, 2, [3, 5, 1]),
            (5, 2, [3, 5, 1]),
            (1, 5, [1, 20, 1]),
            (1, 5, [1, 20, 2]),
            (2, 8, [3, 10, 1]),
            (4, 4, [0, 12, 0]),
            (5, 4, [0, 12, 4]),
            (2, 4, [0, 4, 2]), // `0-4:2,1`
        ] {
            let message = of(id, count, range).expect_err("no range");
            assert!(message.contains("--array=0-7"), "{message}");
        }
    }

    #[test]
    fn a_batch_script_is_no_step() {
        // As in a script with 8 tasks that does not call `srun`, and in an array job, with and without it.
        assert_eq!(of("SLURM_PROCID=0 SLURM_NTASKS=8"), Ok((0, 1)));
        let script = format!("{ARRAY} SLURM_PROCID=0 SLURM_NTASKS=1");
        assert_eq!(of(&script), Ok((5, 8)));
        let step = format!(
            "{script} SLURM_STEP_NUM_TASKS=1 OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=1"
        );
        assert_eq!(of(&step), Ok((5, 8)));
        // `mpirun` reaches other nodes by a step with one task on each.
        let inherited =
            "OMPI_COMM_WORLD_RANK=5 OMPI_COMM_WORLD_SIZE=8 SLURM_PROCID=1 SLURM_STEP_NUM_TASKS=2";
        assert_eq!(of(inherited), Ok((5, 8)));
    }

    #[test]
    fn contradictions() {
        let both = format!("{ARRAY} PMI_RANK=1 PMI_SIZE=4");
        fails(
            &both,
            &[
                "`SLURM_ARRAY_TASK_ID` says shard 5 of 8, but `PMI_RANK` says shard 1 of 4",
                "SHARD_INDEX",
            ],
        );
        assert_eq!(
            of(&format!("{both} SHARD_INDEX=21 SHARD_COUNT=32")),
            Ok((21, 32))
        );
        assert_eq!(of(&format!("{ARRAY} PMI_RANK=5 PMI_SIZE=8")), Ok((5, 8)));
        fails(
            &format!("{ARRAY} SLURM_PROCID=1 SLURM_STEP_NUM_TASKS=2"),
            &["SLURM_PROCID"],
        );
        fails(
            "JOB_COMPLETION_INDEX=1 SHARD_COUNT=2 PMI_RANK=0 PMI_SIZE=2",
            &["JOB_COMPLETION_INDEX", "PMI_RANK"],
        );
        fails(
            "OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=4 PMI_RANK=0 PMI_SIZE=4",
            &["OMPI", "PMI_RANK"],
        );
    }

    #[test]
    fn halves() {
        for (there, missing, help) in [
            ("SHARD_INDEX", "SHARD_COUNT", "the number of shards"),
            ("SHARD_COUNT", "SHARD_INDEX", "counted from 0"),
            (
                "JOB_COMPLETION_INDEX",
                "SHARD_COUNT",
                "in the manifest, to the number of `completions`",
            ),
            ("SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "both"),
            ("SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_ID", "both"),
            ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "both"),
            ("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "both"),
            ("PMI_RANK", "PMI_SIZE", "both"),
            ("PMI_SIZE", "PMI_RANK", "both"),
            ("SLURM_STEP_NUM_TASKS", "SLURM_PROCID", "both"),
        ] {
            let half = format!("`{there}` is set, but `{missing}` is not");
            fails(&format!("{there}=1"), &[&half, help]);
        }
        // Also beside one that is whole.
        fails(&format!("{ARRAY} PMI_RANK=5"), &["PMI_SIZE"]);
        fails(&format!("{ARRAY} SHARD_COUNT=8"), &["SHARD_INDEX"]);
    }

    #[test]
    fn no_numbers_and_numbers_out_of_range() {
        fails(
            "SHARD_INDEX=first SHARD_COUNT=2",
            &["`SHARD_INDEX` is `first`", "a number"],
        );
        fails("SHARD_INDEX=-1 SHARD_COUNT=2", &["`-1`"]);
        fails("PMI_RANK=1 PMI_SIZE=", &["`PMI_SIZE` is ``"]);
        fails(
            "SHARD_INDEX=2 SHARD_COUNT=2",
            &["`SHARD_INDEX` is 2", "less than `SHARD_COUNT`, which is 2"],
        );
        fails(
            "JOB_COMPLETION_INDEX=0 SHARD_COUNT=0",
            &["less than `SHARD_COUNT`"],
        );
        fails(
            "SLURM_ARRAY_TASK_ID=99999999999999999999999 SLURM_ARRAY_TASK_COUNT=1",
            &["a number"],
        );
        assert!(matches!(Shard::new(3, 3), Err(Error::OutOfRange { .. })));
    }

    #[test]
    fn every_item_is_in_one_shard() {
        for total in [0, 1, 7, 24] {
            for count in [1, 2, 3, 9] {
                let shards = (0..count).map(|index| Shard::new(index, count).unwrap());
                let mut items: Vec<usize> = shards.flat_map(|shard| shard.items(total)).collect();
                items.sort_unstable();
                assert!(items.into_iter().eq(0..total));
            }
        }
    }
}
