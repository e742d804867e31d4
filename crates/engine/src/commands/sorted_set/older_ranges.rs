//! Ranges under their older names: ZRANGE says all of this with its options.

use super::range::{By, Form, LIMIT, range};
use crate::command::args::{KEY, double, integer, token, word};
use crate::command::{CommandSpec, Deprecation, Flags, Group, KeySpec};

pub(super) const COMMANDS: &[CommandSpec] =
    &[ZRANGEBYSCORE, ZRANGEBYLEX, ZREVRANGE, ZREVRANGEBYSCORE, ZREVRANGEBYLEX];

const KEYS: &[KeySpec] = &[KeySpec::one(1, &["RO", "access"])];
const COMPLEXITY: &str =
    "O(log N + M), N being the size of the sorted set and M the number of members returned.";

const ZRANGEBYSCORE: CommandSpec = CommandSpec {
    name: "ZRANGEBYSCORE",
    group: Group::SortedSet,
    since: "1.0.5",
    summary: "Returns the members whose scores are in a range, lowest first.",
    complexity: COMPLEXITY,
    flags: Flags::READONLY,
    keys: KEYS,
    args: &[
        KEY,
        double("min"),
        double("max"),
        token("WITHSCORES").optional().since("2.0.0"),
        LIMIT,
    ],
    history: &[("2.0.0", "Knows `WITHSCORES`.")],
    deprecated: Some(Deprecation {
        since: "6.2.0",
        replaced_by: "`ZRANGE` with the `BYSCORE` argument",
    }),
    see_also: &["ZRANGE", "ZCOUNT"],
    examples: "\
> ZADD game 3900 bo 4200 ana 5100 cy
(integer) 3
> ZRANGEBYSCORE game 4000 (5100
1) \"ana\"
",
    run: |ctx, args| range(ctx, args, form(By::Score, false)),
    ..CommandSpec::DEFAULT
};

const ZRANGEBYLEX: CommandSpec = CommandSpec {
    name: "ZRANGEBYLEX",
    group: Group::SortedSet,
    since: "2.8.9",
    summary: "Returns the members in a range of members, where all scores are equal.",
    complexity: COMPLEXITY,
    flags: Flags::READONLY,
    keys: KEYS,
    args: &[KEY, word("min"), word("max"), LIMIT],
    deprecated: Some(Deprecation {
        since: "6.2.0",
        replaced_by: "`ZRANGE` with the `BYLEX` argument",
    }),
    see_also: &["ZRANGE", "ZLEXCOUNT"],
    examples: "\
> ZADD names 0 ana 0 bo 0 cy
(integer) 3
> ZRANGEBYLEX names [b +
1) \"bo\"
2) \"cy\"
",
    run: |ctx, args| range(ctx, args, form(By::Lex, false)),
    ..CommandSpec::DEFAULT
};

const ZREVRANGE: CommandSpec = CommandSpec {
    name: "ZREVRANGE",
    group: Group::SortedSet,
    since: "1.2.0",
    summary: "Returns the members in a range of ranks, highest score first.",
    complexity: COMPLEXITY,
    flags: Flags::READONLY,
    keys: KEYS,
    args: &[KEY, integer("start"), integer("stop"), token("WITHSCORES").optional()],
    deprecated: Some(Deprecation {
        since: "6.2.0",
        replaced_by: "`ZRANGE` with the `REV` argument",
    }),
    see_also: &["ZRANGE", "ZREVRANK"],
    examples: "\
> ZADD game 3900 bo 4200 ana 5100 cy
(integer) 3
> ZREVRANGE game 0 1
1) \"cy\"
2) \"ana\"
",
    run: |ctx, args| range(ctx, args, form(By::Rank, true)),
    ..CommandSpec::DEFAULT
};

const ZREVRANGEBYSCORE: CommandSpec = CommandSpec {
    name: "ZREVRANGEBYSCORE",
    group: Group::SortedSet,
    since: "2.2.0",
    summary: "Returns the members whose scores are in a range, highest first.",
    complexity: COMPLEXITY,
    flags: Flags::READONLY,
    keys: KEYS,
    args: &[KEY, double("max"), double("min"), token("WITHSCORES").optional(), LIMIT],
    history: &[("2.1.6", "Either end can be excluded.")],
    deprecated: Some(Deprecation {
        since: "6.2.0",
        replaced_by: "`ZRANGE` with the `REV` and `BYSCORE` arguments",
    }),
    see_also: &["ZRANGE", "ZCOUNT"],
    examples: "\
> ZADD game 3900 bo 4200 ana 5100 cy
(integer) 3
> ZREVRANGEBYSCORE game +inf 4000 LIMIT 0 1
1) \"cy\"
",
    run: |ctx, args| range(ctx, args, form(By::Score, true)),
    ..CommandSpec::DEFAULT
};

const ZREVRANGEBYLEX: CommandSpec = CommandSpec {
    name: "ZREVRANGEBYLEX",
    group: Group::SortedSet,
    since: "2.8.9",
    summary: "Returns the members in a range of members, last first, where all scores are equal.",
    complexity: COMPLEXITY,
    flags: Flags::READONLY,
    keys: KEYS,
    args: &[KEY, word("max"), word("min"), LIMIT],
    deprecated: Some(Deprecation {
        since: "6.2.0",
        replaced_by: "`ZRANGE` with the `REV` and `BYLEX` arguments",
    }),
    see_also: &["ZRANGE", "ZLEXCOUNT"],
    examples: "\
> ZADD names 0 ana 0 bo 0 cy
(integer) 3
> ZREVRANGEBYLEX names (cy -
1) \"bo\"
2) \"ana\"
",
    run: |ctx, args| range(ctx, args, form(By::Lex, true)),
    ..CommandSpec::DEFAULT
};

const fn form(by: By, reverse: bool) -> Form {
    Form { by: Some(by), reverse: Some(reverse), stores: false }
}
