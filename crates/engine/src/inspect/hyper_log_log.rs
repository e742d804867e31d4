//! The registers of a `HyperLogLog`, how they are stored and what they say.

use redarium_resp::number::IntBuffer;

use super::Inspector;
use crate::types::hyper_log_log::{self, Histogram, Opcode, Opcodes, RANK_MAX, REGISTERS};

/// Runs shown of a sparse one at most.
pub const RUNS_MAX: usize = 512;

/// A `HyperLogLog` and a window of its registers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HyperLogLogView {
    /// `sparse` or `dense`.
    pub encoding: String,
    /// Bytes of its string, header included.
    pub len: usize,
    /// Bytes beyond which it becomes dense (`hll-sparse-max-bytes`).
    pub sparse_max: i64,
    /// The count that the header keeps, unless it is out of date.
    pub cached: Option<u64>,
    /// The count that the registers say.
    pub count: u64,
    /// How many registers have the number 0, 1, 2, and so on to the largest possible.
    pub histogram: Vec<usize>,
    /// The first register of the window.
    pub from: usize,
    /// The numbers of the registers of the window.
    pub registers: Vec<u8>,
    /// The first runs of a sparse one that reach into the window or lie behind its beginning, at most [`RUNS_MAX`].
    pub runs: Vec<RegisterRunView>,
}

/// A run of equal registers in a sparse `HyperLogLog`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RegisterRunView {
    /// Where its bytes begin in the string.
    pub at: usize,
    /// `ZERO`, `XZERO` or `VAL`.
    pub kind: String,
    /// Its bytes: one or two.
    pub bytes: usize,
    /// Its first register.
    pub first: usize,
    /// How many registers it stands for.
    pub registers: usize,
    /// Their number.
    pub rank: u8,
}

impl Inspector<'_> {
    /// The `HyperLogLog` that a key holds, with `count` of its 16384 registers from `from` on; `None` if there is none or
    /// its registers are corrupted. O(1): the number of registers is fixed.
    pub fn hyper_log_log(
        &self,
        db: usize,
        key: &[u8],
        from: usize,
        count: usize,
    ) -> Option<HyperLogLogView> {
        let entry = self.entry(db, key)?;
        let mut digits = IntBuffer::new();
        let string = entry.value.bytes(&mut digits).ok()?;
        if !hyper_log_log::is_valid(string) {
            return None;
        }
        let mut registers = Box::new([0; REGISTERS]);
        hyper_log_log::merge(&mut registers, string).ok()?;
        let mut histogram = Histogram::default();
        for &rank in registers.iter() {
            histogram.add(rank, 1);
        }
        let is_dense = hyper_log_log::is_dense(string);
        Some(HyperLogLogView {
            encoding: if is_dense { "dense" } else { "sparse" }.to_owned(),
            len: string.len(),
            sparse_max: self.engine.config().hll_sparse_max_bytes,
            cached: hyper_log_log::cached(string),
            count: histogram.estimate(),
            histogram: histogram.counts.into_iter().take(RANK_MAX + 1).collect(),
            from,
            registers: registers.iter().skip(from).take(count).copied().collect(),
            runs: if is_dense { Vec::new() } else { runs(string, from) },
        })
    }
}

fn runs(string: &[u8], from: usize) -> Vec<RegisterRunView> {
    let all = Opcodes::new(string).map(|run| RegisterRunView {
        at: run.at,
        kind: match run.opcode {
            Opcode::Zero(_) => "ZERO",
            Opcode::XZero(_) => "XZERO",
            Opcode::Val(..) => "VAL",
        }
        .to_owned(),
        bytes: run.opcode.bytes(),
        first: run.first,
        registers: run.opcode.registers(),
        rank: run.opcode.rank(),
    });
    all.skip_while(|run| run.first + run.registers <= from).take(RUNS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use crate::{Engine, Options};

    #[test]
    fn a_view_shows_registers_runs_and_the_estimate() {
        let mut node = Engine::new(Options::default());
        let client = node.connect("test");
        node.feed(
            client,
            b"PFADD h ann bob\r\nSET s x\r\nPFADD d ann bob\r\nPFDEBUG TODENSE d\r\n",
        );

        let view = node.inspect().hyper_log_log(0, b"h", 10_756, 3).unwrap();
        assert_eq!((view.encoding.as_str(), view.len, view.count), ("sparse", 24, 2), "as added");
        assert_eq!(view.cached, None, "nobody has counted yet");
        assert_eq!(view.registers, [0, 1, 0], "the window");
        assert_eq!((view.histogram.len(), &view.histogram[..3]), (52, &[16_382, 1, 0][..]), "all");
        let kinds: Vec<_> = view.runs.iter().map(|run| (run.at, run.kind.as_str())).collect();
        let expected = [(16, "XZERO"), (18, "VAL"), (19, "XZERO"), (21, "VAL"), (22, "XZERO")];
        assert_eq!(kinds, expected, "every run");
        let val = &view.runs[1];
        assert_eq!((val.first, val.registers, val.rank), (10_757, 1, 1), "the first element");
        let later = node.inspect().hyper_log_log(0, b"h", 10_757, 1).unwrap();
        assert_eq!(later.runs[0], *val, "the runs of the window");

        node.feed(client, b"PFCOUNT h\r\n");
        let view = node.inspect().hyper_log_log(0, b"h", 0, 0).unwrap();
        assert_eq!((view.cached, view.registers.len()), (Some(2), 0), "counted");
        let dense = node.inspect().hyper_log_log(0, b"d", 0, usize::MAX).unwrap();
        assert_eq!((dense.encoding.as_str(), dense.len), ("dense", 12_304), "packed");
        assert_eq!((dense.registers.len(), dense.runs.len(), dense.count), (16_384, 0, 2), "all");
        assert_eq!(node.inspect().hyper_log_log(0, b"s", 0, 1), None, "another string");
        assert_eq!(node.inspect().hyper_log_log(0, b"x", 0, 1), None, "no key");
    }
}
