//! The names under which places are searched.

use super::UNIT;
use super::options::Form;
use super::search::search;
use crate::command::args::{Arg, KEY, block, double, integer, key, one_of, token, word};
use crate::command::{Begin, CommandSpec, Deprecation, Find, Flags, Group, KeySpec};

pub(super) const COMMANDS: &[CommandSpec] =
    &[GEORADIUS, GEORADIUSBYMEMBER, GEORADIUSBYMEMBER_RO, GEORADIUS_RO, GEOSEARCH, GEOSEARCHSTORE];

const COMPLEXITY: &str = "O(N + log M), N being the places in the cells looked at, M all places.";

const FROM: Arg = one_of(
    "from",
    &[
        word("member").after("FROMMEMBER"),
        block("fromlonlat", &[double("longitude"), double("latitude")]).after("FROMLONLAT"),
    ],
);

const BY: Arg = one_of(
    "by",
    &[
        block("circle", &[double("radius"), UNIT]).after("BYRADIUS"),
        block("box", &[double("width"), double("height"), UNIT]).after("BYBOX"),
    ],
);

const ORDER: Arg = one_of("order", &[token("ASC"), token("DESC")]).optional();

const COUNT: Arg =
    block("count-block", &[integer("count").after("COUNT"), token("ANY").optional()]).optional();

const COUNT_ANY_LATER: Arg = block(
    "count-block",
    &[integer("count").after("COUNT"), token("ANY").optional().since("6.2.0")],
)
.optional();

const WITHCOORD: Arg = token("WITHCOORD").optional();
const WITHDIST: Arg = token("WITHDIST").optional();
const WITHHASH: Arg = token("WITHHASH").optional();

const STORE: Arg =
    one_of("store", &[key("storekey").after("STORE"), key("storedistkey").after("STOREDIST")])
        .optional();

const GEOSEARCH: CommandSpec = CommandSpec {
    name: "GEOSEARCH",
    group: Group::Geo,
    since: "6.2.0",
    summary: "Returns the places within a circle or a box around a place.",
    complexity: COMPLEXITY,
    flags: Flags::READONLY,
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[KEY, FROM, BY, ORDER, COUNT, WITHCOORD, WITHDIST, WITHHASH],
    see_also: &["GEOADD", "GEOSEARCHSTORE", "GEODIST"],
    examples: "\
> GEOADD sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
(integer) 2
> GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS 200 km ASC WITHDIST
1) 1) \"Catania\"
   2) \"56.4413\"
2) 1) \"Palermo\"
   2) \"190.4424\"
",
    run: |ctx, args| search(ctx, args, Form::Search),
    ..CommandSpec::DEFAULT
};

const GEOSEARCHSTORE: CommandSpec = CommandSpec {
    name: "GEOSEARCHSTORE",
    group: Group::Geo,
    since: "6.2.0",
    summary: "Stores the places within a circle or a box around a place; answers with their number.",
    complexity: COMPLEXITY,
    flags: Flags::WRITE.or(Flags::DENYOOM),
    keys: &[KeySpec::one(1, &["OW", "update"]), KeySpec::one(2, &["RO", "access"])],
    args: &[
        key("destination"),
        key("source"),
        FROM,
        BY,
        ORDER,
        COUNT,
        token("STOREDIST").optional(),
    ],
    see_also: &["GEOSEARCH"],
    examples: "\
> GEOADD sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
(integer) 2
> GEOSEARCHSTORE near sicily FROMLONLAT 15 37 BYRADIUS 100 km
(integer) 1
> ZRANGE near 0 -1
1) \"Catania\"
",
    run: |ctx, args| search(ctx, args, Form::SearchStore),
    ..CommandSpec::DEFAULT
};

const fn store_key(word: &'static str, from: isize) -> KeySpec {
    KeySpec {
        flags: &["OW", "update"],
        begin: Begin::Keyword { word, from },
        find: Find::Range { last: 0, step: 1, limit: 0 },
    }
}

const GEORADIUS: CommandSpec = CommandSpec {
    name: "GEORADIUS",
    group: Group::Geo,
    since: "3.2.0",
    summary: "Returns or stores the places within a distance of a place: older form of GEOSEARCH.",
    complexity: COMPLEXITY,
    flags: Flags::WRITE.or(Flags::DENYOOM),
    keys: &[KeySpec::one(1, &["RO", "access"]), store_key("STORE", 6), store_key("STOREDIST", 6)],
    args: &[
        KEY,
        double("longitude"),
        double("latitude"),
        double("radius"),
        UNIT,
        WITHCOORD,
        WITHDIST,
        WITHHASH,
        COUNT_ANY_LATER,
        ORDER,
        STORE,
    ],
    history: &[("6.2.0", "Knows `ANY`.")],
    deprecated: Some(Deprecation {
        since: "6.2.0",
        replaced_by: "GEOSEARCH or GEOSEARCHSTORE with FROMLONLAT and BYRADIUS",
    }),
    see_also: &["GEOSEARCH", "GEOSEARCHSTORE"],
    examples: "\
> GEOADD sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
(integer) 2
> GEORADIUS sicily 15 37 100 km
1) \"Catania\"
",
    run: |ctx, args| search(ctx, args, Form::Radius(true)),
    ..CommandSpec::DEFAULT
};

const GEORADIUS_RO: CommandSpec = CommandSpec {
    name: "GEORADIUS_RO",
    since: "3.2.10",
    summary: "Returns the places within a distance of a place: older form of GEOSEARCH.",
    flags: Flags::READONLY,
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[
        KEY,
        double("longitude"),
        double("latitude"),
        double("radius"),
        UNIT,
        WITHCOORD,
        WITHDIST,
        WITHHASH,
        COUNT_ANY_LATER,
        ORDER,
    ],
    deprecated: Some(Deprecation {
        since: "6.2.0",
        replaced_by: "GEOSEARCH with FROMLONLAT and BYRADIUS",
    }),
    see_also: &["GEOSEARCH"],
    examples: "\
> GEOADD sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
(integer) 2
> GEORADIUS_RO sicily 15 37 100 km
1) \"Catania\"
",
    run: |ctx, args| search(ctx, args, Form::Radius(false)),
    ..GEORADIUS
};

const GEORADIUSBYMEMBER: CommandSpec = CommandSpec {
    name: "GEORADIUSBYMEMBER",
    summary: "Returns or stores the places within a distance of a member: older form of GEOSEARCH.",
    keys: &[KeySpec::one(1, &["RO", "access"]), store_key("STORE", 5), store_key("STOREDIST", 5)],
    args: &[
        KEY,
        word("member"),
        double("radius"),
        UNIT,
        WITHCOORD,
        WITHDIST,
        WITHHASH,
        COUNT_ANY_LATER,
        ORDER,
        STORE,
    ],
    deprecated: Some(Deprecation {
        since: "6.2.0",
        replaced_by: "GEOSEARCH or GEOSEARCHSTORE with FROMMEMBER and BYRADIUS",
    }),
    examples: "\
> GEOADD sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
(integer) 2
> GEORADIUSBYMEMBER sicily Palermo 100 km
1) \"Palermo\"
",
    run: |ctx, args| search(ctx, args, Form::RadiusByMember(true)),
    ..GEORADIUS
};

const GEORADIUSBYMEMBER_RO: CommandSpec = CommandSpec {
    name: "GEORADIUSBYMEMBER_RO",
    since: "3.2.10",
    summary: "Returns the places within a distance of a member: older form of GEOSEARCH.",
    flags: Flags::READONLY,
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[
        KEY,
        word("member"),
        double("radius"),
        UNIT,
        WITHCOORD,
        WITHDIST,
        WITHHASH,
        COUNT_ANY_LATER,
        ORDER,
    ],
    deprecated: Some(Deprecation {
        since: "6.2.0",
        replaced_by: "GEOSEARCH with FROMMEMBER and BYRADIUS",
    }),
    see_also: &["GEOSEARCH"],
    examples: "\
> GEOADD sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
(integer) 2
> GEORADIUSBYMEMBER_RO sicily Palermo 100 km
1) \"Palermo\"
",
    run: |ctx, args| search(ctx, args, Form::RadiusByMember(false)),
    ..GEORADIUSBYMEMBER
};
