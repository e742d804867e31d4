//! What commands tell of themselves, step by step; and that telling changes nothing.

#[path = "support/node.rs"]
mod node;

use redarium_engine::Options;
use redarium_engine::keyspace::{ExpiryStep, KeysStep};
use redarium_engine::trace::Step;
use redarium_engine::types::encoding::{ConversionStep, Encoding};
use redarium_engine::types::geohash::GeoStep;
use redarium_engine::types::hyper_log_log::HyperLogLogStep;
use redarium_engine::types::set_operation::{SetOperationStep, SetPlan};
use redarium_engine::types::string::StringStep;
use redarium_structures::hash_table::HashTableStep;

use node::Node;

fn node(setup: &[&str]) -> Node {
    let mut node = Node::new(Options { start: 1_000_000, ..Options::default() });
    for command in setup {
        node.accepted(command);
    }
    node
}

impl Node {
    /// Runs a command that is not refused.
    fn accepted(&mut self, command: &str) {
        let reply = self.run(command);
        assert!(!reply.starts_with('-'), "{command}: {reply}");
    }

    fn steps_of(&mut self, command: &str) -> Vec<Step> {
        self.engine.record_steps(10_000);
        self.accepted(command);
        self.steps()
    }

    fn steps(&mut self) -> Vec<Step> {
        let steps = self.engine.take_steps().expect("it was switched on");
        assert_eq!(steps.dropped(), 0, "all of them");
        self.engine.record_steps(0);
        steps.steps().to_vec()
    }

    fn id(&self, key: &str) -> u32 {
        self.engine.inspect().key(0, key.as_bytes()).expect("it is there").id
    }
}

/// The steps of one kind.
macro_rules! told {
    ($steps:expr, $kind:ident) => {
        $steps
            .iter()
            .filter_map(|step| match step {
                Step::$kind(step) => Some(*step),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
}

/// Those of the table of keys.
fn keys(steps: &[Step]) -> Vec<HashTableStep> {
    let told = told!(steps, Keys);
    assert!(told.iter().all(|told| told.db == 0), "nobody selects another: {told:?}");
    told.iter().map(|told| told.step).collect()
}

#[test]
fn a_lookup_goes_to_a_bucket_and_compares_the_keys_in_it() {
    let mut node = node(&["MSET a 1 b 2 c 3 d 4"]);
    let id = node.id("c");
    let steps = keys(&node.steps_of("GET c"));
    assert!(matches!(steps[0], HashTableStep::Bucket { table: 0, .. }), "{steps:?}");
    assert_eq!(steps.last(), Some(&HashTableStep::Compare { id }), "the key itself at last");

    let steps = keys(&node.steps_of("SET e 5"));
    let grows = HashTableStep::RehashStart { from: 4, to: 8 };
    assert!(steps.contains(&grows), "a fifth key: {steps:?}");
    let linked = steps.iter().any(|step| matches!(step, HashTableStep::Link { table: 1, .. }));
    assert!(linked, "in the new array: {steps:?}");
    let steps = keys(&node.steps_of("GET nothing"));
    assert!(matches!(steps[0], HashTableStep::RehashBucket { .. }), "moves a bucket: {steps:?}");

    let id = node.id("a");
    let steps = keys(&node.steps_of("DEL a"));
    let unlinked = |step: &HashTableStep| matches!(step, HashTableStep::Unlink { id: gone, .. } if *gone == id);
    assert!(steps.iter().any(unlinked), "{steps:?}");
}

#[test]
fn scans_tell_the_buckets_that_they_visit() {
    let mut node = node(&["CONFIG SET set-max-listpack-entries 0", "SADD s a b c d", "SET k v"]);
    let buckets = |steps: &[Step]| {
        let is_scan = |step: &&Step| {
            matches!(
                step,
                Step::Keys(KeysStep { step: HashTableStep::Scan { .. }, .. })
                    | Step::HashTable(HashTableStep::Scan { .. })
            )
        };
        steps.iter().filter(is_scan).count()
    };
    assert_eq!(buckets(&node.steps_of("SCAN 0")), 4, "all four");
    assert_eq!(buckets(&node.steps_of("SSCAN s 0")), 4, "all four");
    assert!(buckets(&node.steps_of("SCAN 0 COUNT 1")) < 4, "no further than to the key");
}

#[test]
fn keys_end_when_they_are_asked_for_or_in_samples() {
    let mut node =
        node(&["DEBUG SET-ACTIVE-EXPIRE 0", "SET a 1 PX 10", "HSETEX h PX 10 FIELDS 2 f v g w"]);
    node.engine.advance_to(1_000_020);
    let (a, h) = (node.id("a"), node.id("h"));
    assert_eq!(
        told!(node.steps_of("GET a"), Expiry),
        [ExpiryStep::Lazy { db: 0, id: a }],
        "asked for"
    );
    let fields = ExpiryStep::Fields { db: 0, id: h, removed: 1 };
    assert_eq!(told!(node.steps_of("HGET h f"), Expiry), [fields], "a field");

    for n in 0..25 {
        node.accepted(&format!("SET k{n} v PX 10"));
    }
    node.accepted("SET later v PX 100000");
    node.engine.record_steps(1000);
    node.accepted("DEBUG SET-ACTIVE-EXPIRE 1");
    node.engine.advance_to(1_000_200);
    let steps = told!(node.steps(), Expiry);
    let dead = |step: &&ExpiryStep| matches!(step, ExpiryStep::Seen { is_dead: true, .. });
    assert_eq!(steps.iter().filter(dead).count(), 25, "each was found: {steps:?}");
    let samples: Vec<_> = steps
        .iter()
        .filter_map(|step| match step {
            ExpiryStep::Sample { seen, removed, .. } => Some((*seen, *removed)),
            _ => None,
        })
        .collect();
    assert_eq!(samples[..2], [(20, 19), (7, 6)], "twenty, and on as most were dead: {samples:?}");
}

#[test]
fn conversions_are_told_where_they_happen() {
    use Encoding::{
        EmbStr, HashTable, Int, IntSet, ListPack, ListPackEx, QuickList, Raw, SkipList,
    };
    let limits = "CONFIG SET set-max-listpack-entries 2 hash-max-listpack-entries 1 zset-max-listpack-entries 1 \
                  list-max-listpack-size 2 set-max-intset-entries 2";
    for (setup, command, from, to, len) in [
        ("SADD k 1", "SADD k x", IntSet, ListPack, 1),
        ("SADD k 1 2", "SADD k 3", IntSet, HashTable, 3),
        ("SADD k a b", "SADD k c", ListPack, HashTable, 2),
        ("HSET k a 1", "HSET k b 2", ListPack, HashTable, 2),
        ("HSET k a 1", "HEXPIRE k 10 FIELDS 1 a", ListPack, ListPackEx, 1),
        ("ZADD k 1 a", "ZADD k 2 b", ListPack, SkipList, 1),
        ("RPUSH k a b", "RPUSH k c", ListPack, QuickList, 2),
        ("RPUSH k a b c", "LTRIM k 0 0", QuickList, ListPack, 1),
        ("SET k 12", "APPEND k x", Int, Raw, 2),
        ("SET k abc", "SETRANGE k 1 x", EmbStr, Raw, 3),
    ] {
        let told = told!(node(&[limits, setup]).steps_of(command), Conversion);
        assert_eq!(told, [ConversionStep { from, to, len }], "{setup}, {command}");
    }
}

#[test]
fn set_operations_tell_their_plan_and_what_they_look_up() {
    use SetOperationStep::{Drop, Keep, Plan, Source, Test, Visit};
    let mut node =
        node(&["SADD big 1 2 3", "SADD small 2 9", "SADD many 1 2 3 4 5 6 7 8 9 10 11 12"]);
    let mut operation = |command: &str| told!(node.steps_of(command), SetOperation);
    let smallest_first = [
        Plan { plan: SetPlan::Intersection },
        Source { source: 1, len: 2 },
        Source { source: 0, len: 3 },
        Visit { source: 1 },
        Test { source: 0, found: true },
        Keep,
        Visit { source: 1 },
        Test { source: 0, found: false },
    ];
    assert_eq!(operation("SINTER big small"), smallest_first, "the smaller set leads");
    assert_eq!(operation("SINTERCARD 2 big small LIMIT 1"), smallest_first[..6], "stops early");
    let union = operation("SUNIONSTORE all big small");
    assert_eq!(union[0], Plan { plan: SetPlan::Union }, "another way");
    assert_eq!(union.iter().filter(|step| **step == Keep).count(), 4, "four members: {union:?}");
    let difference = operation("SDIFF big small");
    assert_eq!(difference[0], Plan { plan: SetPlan::DifferenceByLookup }, "few others");
    assert_eq!(difference.iter().filter(|step| **step == Keep).count(), 2, "{difference:?}");
    let difference = operation("SDIFF big small small small");
    assert_eq!(difference[0], Plan { plan: SetPlan::DifferenceByLookup }, "six look-ups at most");
    let difference = operation("SDIFF many small small small");
    assert_eq!(difference[0], Plan { plan: SetPlan::DifferenceByRemoval }, "many members");
    assert_eq!(difference.iter().filter(|step| **step == Drop).count(), 2, "{difference:?}");
    assert_eq!(difference.iter().filter(|step| **step == Keep).count(), 12, "{difference:?}");
}

#[test]
fn operations_on_sorted_sets_tell_the_same() {
    let mut node = node(&["ZADD big 1 a 2 b 3 c", "ZADD small 1 b", "SADD set b z"]);
    for (command, plan, tests, kept) in [
        ("ZINTER 3 big small set", SetPlan::Intersection, 2, 1),
        ("ZUNION 3 big small set", SetPlan::Union, 0, 4),
        ("ZDIFF 2 big small", SetPlan::DifferenceByLookup, 3, 2),
        ("ZINTERCARD 2 big small LIMIT 1", SetPlan::Intersection, 1, 1),
    ] {
        let told = told!(node.steps_of(command), SetOperation);
        assert_eq!(told[0], SetOperationStep::Plan { plan }, "{command}");
        let count =
            |wanted: fn(&SetOperationStep) -> bool| told.iter().filter(|step| wanted(step)).count();
        let tested = count(|step| matches!(step, SetOperationStep::Test { .. }));
        assert_eq!(
            (tested, count(|step| *step == SetOperationStep::Keep)),
            (tests, kept),
            "{command}: {told:?}"
        );
    }
}

#[test]
fn an_element_of_a_hyper_log_log_chooses_its_register() {
    let mut node = node(&["PFADD h x"]);
    let steps = told!(node.steps_of("PFADD h hello"), HyperLogLog);
    let [HyperLogLogStep::Hash { high, low, register, rank }, raised] = steps[..] else {
        panic!("{steps:?}")
    };
    assert_eq!((register, rank), (9216, 1), "as in a Redis server");
    assert_eq!(low as usize & 0x3fff, register, "the lowest 14 bits");
    let rest = (u64::from(high) << 32 | u64::from(low)) >> 14;
    assert_eq!(rest.trailing_zeros() + 1, u32::from(rank), "and the zeros behind them");
    assert_eq!(raised, HyperLogLogStep::Raise { register, to: rank }, "it was lower");
    assert_eq!(told!(node.steps_of("PFADD h hello"), HyperLogLog).len(), 1, "not again");
    node.accepted("CONFIG SET hll-sparse-max-bytes 0");
    let steps = told!(node.steps_of("PFADD h ann"), HyperLogLog);
    assert!(steps.contains(&HyperLogLogStep::Dense), "{steps:?}");
}

#[test]
fn a_search_for_places_tells_its_cells_and_candidates() {
    let mut node = node(&["GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania"]);
    let steps = told!(node.steps_of("GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 100 km"), Geo);
    let GeoStep::Plan { west, east, cells, .. } = steps[0] else { panic!("{steps:?}") };
    assert!(west < 15.0 && 15.0 < east, "around the centre");
    let is_cell = |step: &&GeoStep| matches!(step, GeoStep::Cell { .. });
    assert_eq!(steps.iter().filter(is_cell).count(), cells, "as planned");
    let candidates: Vec<_> = steps
        .iter()
        .filter_map(|step| match step {
            GeoStep::Candidate { distance, is_within, .. } => Some((*distance as u32, *is_within)),
            _ => None,
        })
        .collect();
    assert!(candidates.contains(&(56_441, true)), "Catania is near: {candidates:?}");
    assert!(candidates.iter().all(|&(far, within)| within == (far <= 100_000)), "{candidates:?}");
}

#[test]
fn strings_tell_when_they_grow_and_what_is_written() {
    let mut node = node(&["SET s abcdef"]);
    let mut told = |command: &str| told!(node.steps_of(command), String);
    let written = StringStep::Write { at: 6, len: 2 };
    let steps = told("APPEND s gh");
    assert_eq!(steps, [StringStep::Grow { from: 6, to: 16 }, written], "twice what is needed");
    let steps = told("APPEND s ij");
    assert_eq!(steps, [StringStep::Write { at: 8, len: 2 }], "there is room");
    let steps = told("SETBIT s 7 1");
    assert_eq!(steps, [StringStep::Bit { at: 7, from: true, to: true }], "the a ends with a 1");
}

#[test]
fn telling_changes_nothing() {
    let script: Vec<String> = (0..400)
        .flat_map(|n| {
            [
                format!("SET k{n} {n} PX {}", 1 + n * 7 % 300),
                format!("SADD s{} {n} m{n}", n % 7),
                format!("HSET h{} f{n} v", n % 3),
                format!("ZADD z {n} m{n}"),
                format!("RPUSH l {n} word"),
                format!("SDIFF s{} s{} s1", n % 7, n % 5),
                format!("PFADD p {n}"),
                "SPOP s2".to_owned(),
                "RANDOMKEY".to_owned(),
                format!("SCAN {}", n % 16),
            ]
        })
        .collect();
    let play = |limit: usize| {
        let mut node = node(&[]);
        node.engine.record_steps(limit);
        let mut replies = String::new();
        for (at, command) in script.iter().enumerate() {
            replies += &node.run(command);
            node.engine.advance_to(1_000_000 + at as i64);
        }
        (replies, node.engine.inspect().digest())
    };
    assert!(play(0) == play(1_000_000), "the same replies and data");
}
