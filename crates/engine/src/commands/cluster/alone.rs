//! CLUSTER and its kin, as a node answers that is none of a cluster: the words are checked, and then there is no cluster.

use crate::command::args::{Arg, block, integer, one_of, token, word};
use crate::command::{Answer, CommandSpec, Deprecation, Flags, Group, Handler};
use crate::error::CmdError;

pub(super) const COMMANDS: &[CommandSpec] = &[ASKING, CLUSTER, READONLY, READWRITE, TRIMSLOTS];

const NO_CLUSTER: Handler =
    |_, _| Err::<Answer, _>(CmdError::Msg("ERR This instance has cluster support disabled"));

const CLUSTER: CommandSpec = CommandSpec {
    name: "CLUSTER",
    group: Group::Cluster,
    since: "3.0.0",
    summary: "A container for commands about the cluster.",
    complexity: "Depends on subcommand.",
    subcommands: SUBCOMMANDS,
    ..CommandSpec::DEFAULT
};

/// A command that needs a cluster.
const fn command(name: &'static str, since: &'static str, summary: &'static str) -> CommandSpec {
    CommandSpec {
        name,
        group: Group::Cluster,
        since,
        summary,
        complexity: "O(1)",
        run: NO_CLUSTER,
        ..CommandSpec::DEFAULT
    }
}

/// The flags of what a client says of its connection.
const CONNECTION: Flags = Flags::FAST.or(Flags::LOADING).or(Flags::STALE);

const ASKING: CommandSpec = CommandSpec {
    flags: Flags::FAST,
    acl: Some(&["connection"]),
    ..command("ASKING", "3.0.0", "Lets the next command be about a slot that is being moved here.")
};

const READONLY: CommandSpec = CommandSpec {
    flags: CONNECTION,
    acl: Some(&["connection"]),
    ..command("READONLY", "3.0.0", "Lets the connection read from a replica.")
};

const READWRITE: CommandSpec = CommandSpec {
    flags: CONNECTION,
    acl: Some(&["connection"]),
    ..command("READWRITE", "3.0.0", "Ends what READONLY began.")
};

const TRIMSLOTS: CommandSpec = CommandSpec {
    group: Group::Server,
    flags: Flags::WRITE.or(Flags::DANGEROUS),
    acl: Some(&["keyspace", "dangerous"]),
    complexity: "O(N) where N is the number of keys.",
    args: &[block("ranges", &[integer("numranges"), RANGE.many()]).after("RANGES")],
    ..command("TRIMSLOTS", "8.4.0", "Removes the keys of slots that are no longer here.")
};

/// Asks about the cluster.
const ASKS: Flags = Flags::STALE;

/// The same, and answers at any time.
const ALWAYS: Flags = ASKS.or(Flags::LOADING);

/// Asks about what only an administrator should know.
const KNOWS: Flags = ASKS.or(Flags::ADMIN);

/// Changes the cluster.
const CHANGES: Flags = KNOWS.or(Flags::NO_ASYNC_LOADING);

const RANGE: Arg = block("range", &[integer("start-slot"), integer("end-slot")]);

const SUBCOMMANDS: &[CommandSpec] = &[
    CommandSpec {
        flags: CHANGES,
        complexity: "O(N) where N is the number of slots.",
        args: &[integer("slot").many()],
        ..command("ADDSLOTS", "3.0.0", "Gives hash slots to this node.")
    },
    CommandSpec {
        flags: CHANGES,
        complexity: "O(N) where N is the number of slots.",
        args: &[RANGE.many()],
        ..command("ADDSLOTSRANGE", "7.0.0", "Gives ranges of hash slots to this node.")
    },
    CommandSpec {
        flags: CHANGES,
        ..command("BUMPEPOCH", "3.0.0", "Moves the configuration of this node to a new epoch.")
    },
    CommandSpec {
        flags: KNOWS,
        complexity: "O(N) where N is the number of reports.",
        args: &[word("node-id")],
        ..command(
            "COUNT-FAILURE-REPORTS",
            "3.0.0",
            "Counts how many nodes say that a node has failed.",
        )
    },
    CommandSpec {
        flags: ASKS,
        args: &[integer("slot")],
        ..command("COUNTKEYSINSLOT", "3.0.0", "Counts the keys in a hash slot.")
    },
    CommandSpec {
        flags: CHANGES,
        complexity: "O(N) where N is the number of slots.",
        args: &[integer("slot").many()],
        ..command("DELSLOTS", "3.0.0", "Takes hash slots from this node.")
    },
    CommandSpec {
        flags: CHANGES,
        complexity: "O(N) where N is the number of slots.",
        args: &[RANGE.many()],
        ..command("DELSLOTSRANGE", "7.0.0", "Takes ranges of hash slots from this node.")
    },
    CommandSpec {
        flags: CHANGES,
        args: &[one_of("options", &[token("FORCE"), token("TAKEOVER")]).optional()],
        ..command("FAILOVER", "3.0.0", "Has a replica take the place of its master.")
    },
    CommandSpec {
        flags: CHANGES,
        ..command("FLUSHSLOTS", "3.0.0", "Takes all hash slots from this node.")
    },
    CommandSpec {
        flags: CHANGES,
        args: &[word("node-id")],
        ..command("FORGET", "3.0.0", "Takes a node off the list of known nodes.")
    },
    CommandSpec {
        flags: ASKS,
        complexity: "O(N) where N is the number of keys.",
        args: &[integer("slot"), integer("count")],
        ..command("GETKEYSINSLOT", "3.0.0", "Returns some keys of a hash slot.")
    },
    CommandSpec { flags: ALWAYS, ..command("HELP", "5.0.0", "Shows what the subcommands do.") },
    CommandSpec {
        flags: ASKS,
        ..command("INFO", "3.0.0", "Returns the state of the cluster as seen by this node.")
    },
    CommandSpec {
        flags: ASKS,
        complexity: "O(N) where N is the number of bytes of the key.",
        args: &[word("key")],
        ..command("KEYSLOT", "3.0.0", "Returns the hash slot of a key.")
    },
    CommandSpec {
        flags: ASKS,
        complexity: "O(N) where N is the number of nodes.",
        ..command("LINKS", "7.0.0", "Returns the connections to other nodes.")
    },
    CommandSpec {
        flags: CHANGES,
        args: &[word("ip"), integer("port"), integer("cluster-bus-port").optional().since("4.0.0")],
        ..command("MEET", "3.0.0", "Makes this node known to another one.")
    },
    CommandSpec {
        flags: CHANGES,
        complexity: "O(N) where N is the number of slots.",
        args: &[one_of(
            "subcommand",
            &[
                RANGE.many().after("IMPORT"),
                one_of("task", &[word("task-id").after("ID"), token("ALL")]).after("CANCEL"),
                one_of("tasks", &[word("task-id").after("ID"), token("ALL")]).after("STATUS"),
            ],
        )],
        arity: -4,
        ..command("MIGRATION", "8.4.0", "Moves hash slots to this node, or tells how that goes.")
    },
    CommandSpec { flags: ASKS, ..command("MYID", "3.0.0", "Returns the id of this node.") },
    CommandSpec {
        flags: ASKS,
        ..command("MYSHARDID", "7.2.0", "Returns the id of the shard of this node.")
    },
    CommandSpec {
        flags: ASKS,
        complexity: "O(N) where N is the number of nodes.",
        ..command("NODES", "3.0.0", "Returns all nodes that this one knows, with their slots.")
    },
    CommandSpec {
        flags: KNOWS,
        complexity: "O(N) where N is the number of replicas.",
        args: &[word("node-id")],
        ..command("REPLICAS", "5.0.0", "Returns the replicas of a master.")
    },
    CommandSpec {
        flags: CHANGES,
        args: &[word("node-id")],
        ..command("REPLICATE", "3.0.0", "Makes this node a replica of a master.")
    },
    CommandSpec {
        flags: KNOWS.or(Flags::NOSCRIPT),
        complexity: "O(N) where N is the number of known nodes.",
        args: &[one_of("reset-type", &[token("HARD"), token("SOFT")]).optional()],
        ..command("RESET", "3.0.0", "Makes this node one that belongs to no cluster.")
    },
    CommandSpec {
        flags: CHANGES,
        ..command("SAVECONFIG", "3.0.0", "Writes the configuration of the cluster to disk.")
    },
    CommandSpec {
        flags: CHANGES,
        args: &[integer("config-epoch")],
        ..command("SET-CONFIG-EPOCH", "3.0.0", "Sets the epoch of a new node.")
    },
    CommandSpec {
        flags: CHANGES,
        args: &[
            integer("slot"),
            one_of(
                "subcommand",
                &[
                    word("importing").after("IMPORTING"),
                    word("migrating").after("MIGRATING"),
                    word("node").after("NODE"),
                    token("STABLE"),
                ],
            ),
        ],
        ..command(
            "SETSLOT",
            "3.0.0",
            "Says to whom a hash slot belongs, or where it is being moved.",
        )
    },
    CommandSpec {
        flags: ALWAYS,
        complexity: "O(N) where N is the number of nodes.",
        ..command("SHARDS", "7.0.0", "Returns the shards with their slots and nodes.")
    },
    CommandSpec {
        flags: KNOWS,
        complexity: "O(N) where N is the number of replicas.",
        args: &[word("node-id")],
        deprecated: Some(Deprecation { since: "5.0.0", replaced_by: "`CLUSTER REPLICAS`" }),
        ..command("SLAVES", "3.0.0", "Returns the replicas of a master.")
    },
    CommandSpec {
        flags: ALWAYS,
        complexity: "O(N) where N is the number of slots.",
        args: &[one_of(
            "filter",
            &[
                RANGE.after("SLOTSRANGE"),
                block(
                    "orderby",
                    &[
                        word("metric"),
                        integer("limit").after("LIMIT").optional(),
                        one_of("order", &[token("ASC"), token("DESC")]).optional(),
                    ],
                )
                .after("ORDERBY"),
            ],
        )],
        ..command("SLOT-STATS", "8.2.0", "Returns what was counted for hash slots.")
    },
    CommandSpec {
        flags: ALWAYS,
        complexity: "O(N) where N is the number of nodes.",
        deprecated: Some(Deprecation { since: "7.0.0", replaced_by: "`CLUSTER SHARDS`" }),
        ..command("SLOTS", "3.0.0", "Returns the ranges of hash slots with their nodes.")
    },
    CommandSpec {
        flags: CHANGES,
        args: &[word("subcommand").many()],
        ..command("SYNCSLOTS", "8.4.0", "Speaks of the slots that two nodes move between them.")
    },
];
