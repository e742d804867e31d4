//! SORT: the elements of a list, set or sorted set in an order of their own, or by what other keys hold beside them.

mod order;
mod pattern;

use std::ops::Range;

use redarium_structures::list_pack::ListPackValue;
use redarium_structures::quick_list::QuickList;
use redarium_structures::trace::NoTrace;

use crate::acl::rights;
use crate::args::Args;
use crate::command::args::{Arg, KEY, block, integer, key, one_of, pattern, token};
use crate::command::{Answer, Begin, CommandSpec, Find, Flags, Group, KeySpec};
use crate::commands::reply;
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::list::{List, ListLimits};
use crate::types::sorted_set::{Growth, SortedSet};
use crate::value::{Kind, Value};
use order::{Texts, by_number, by_text, number};
use pattern::Pattern;

pub(super) const COMMANDS: &[CommandSpec] = &[SORT, SORT_RO];

const SORT: CommandSpec = CommandSpec {
    name: "SORT",
    group: Group::Generic,
    since: "1.0.0",
    summary: "Sorts a list, set or sorted set, and returns or stores the result.",
    complexity: COMPLEXITY,
    flags: Flags::WRITE.or(Flags::DENYOOM),
    acl: Some(&["set", "sortedset", "list", "dangerous"]),
    keys: &[
        KeySpec::one(1, &["RO", "access"]),
        PATTERN_KEYS,
        KeySpec { flags: &["OW", "update"], begin: Begin::Unknown, find: Find::Told(store_keys) },
    ],
    args: &[KEY, BY, LIMIT, GET, ORDER, ALPHA, key("destination").after("STORE").optional()],
    see_also: &["SORT_RO", "LRANGE", "ZRANGE"],
    examples: "\
> RPUSH teams 3 1 2
(integer) 3
> MSET points:1 40 points:2 10 points:3 30
OK
> SORT teams BY points:* GET # GET points:*
1) \"2\"
2) \"10\"
3) \"3\"
4) \"30\"
5) \"1\"
6) \"40\"
",
    run: sort,
    ..CommandSpec::DEFAULT
};

const SORT_RO: CommandSpec = CommandSpec {
    name: "SORT_RO",
    group: Group::Generic,
    since: "7.0.0",
    summary: "Sorts a list, set or sorted set as SORT does, and stores nothing.",
    complexity: COMPLEXITY,
    flags: Flags::READONLY,
    acl: Some(&["set", "sortedset", "list", "dangerous"]),
    keys: &[KeySpec::one(1, &["RO", "access"]), PATTERN_KEYS],
    args: &[KEY, BY, LIMIT, GET, ORDER, ALPHA],
    see_also: &["SORT"],
    examples: "\
> SADD fruits pear apple fig
(integer) 3
> SORT_RO fruits ALPHA DESC LIMIT 0 2
1) \"pear\"
2) \"fig\"
",
    run: sort_ro,
    ..CommandSpec::DEFAULT
};

const COMPLEXITY: &str = "O(N+M*log(M)), N being the number of elements and M where the returned ones end; O(N) unsorted.";

const PATTERN_KEYS: KeySpec =
    KeySpec { flags: &["RO", "access"], begin: Begin::Unknown, find: Find::Unknown };
const BY: Arg = pattern("pattern").after("BY").optional();
const LIMIT: Arg = block("limit", &[integer("offset"), integer("count")]).after("LIMIT").optional();
const GET: Arg = pattern("pattern").after("GET").optional().many_with_token();
const ORDER: Arg = one_of("order", &[token("ASC"), token("DESC")]).optional();
const ALPHA: Arg = token("ALPHA").optional();

/// Where the key of STORE stands: the last one counts.
fn store_keys(words: &[&[u8]]) -> Vec<usize> {
    let arguments = [("LIMIT", 2), ("GET", 1), ("BY", 1), ("STORE", 1)];
    let (mut found, mut at) = (None, 2);
    while let Some(word) = words.get(at) {
        let is_it = |(option, _): &&(&str, usize)| word.eq_ignore_ascii_case(option.as_bytes());
        let (option, count) = arguments.iter().find(is_it).copied().unwrap_or_default();
        if option == "STORE" && at + 1 < words.len() {
            found = Some(at + 1);
        }
        at += 1 + count;
    }
    found.into_iter().collect()
}

/// What the words after the key ask for.
#[derive(Debug, Default)]
struct Options<'a> {
    by: Option<Pattern<'a>>,
    get: Vec<Pattern<'a>>,
    offset: i64,
    /// All of them if `None`.
    count: Option<i64>,
    descending: bool,
    alpha: bool,
    store: Option<&'a [u8]>,
}

fn sort(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    run(ctx, args, true)
}

fn sort_ro(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    run(ctx, args, false)
}

fn read_options(mut args: Args<'_>, may_store: bool) -> Result<Options<'_>, CmdError> {
    let mut options = Options::default();
    while !args.is_empty() {
        if args.take_token("ASC") {
            options.descending = false;
        } else if args.take_token("DESC") {
            options.descending = true;
        } else if args.take_token("ALPHA") {
            options.alpha = true;
        } else if args.len() >= 3 && args.take_token("LIMIT") {
            options.offset = args.next_i64()?;
            options.count = Some(args.next_i64()?);
        } else if may_store && args.take_token("STORE") {
            options.store = Some(args.next_word()?);
        } else if args.take_token("BY") {
            options.by = Some(Pattern::new(args.next_word()?));
        } else if args.take_token("GET") {
            options.get.push(Pattern::new(args.next_word()?));
        } else {
            return Err(CmdError::Syntax);
        }
    }
    Ok(options)
}

fn run(ctx: &mut Ctx<'_>, mut args: Args<'_>, may_store: bool) -> Result<Answer, CmdError> {
    let source = args.next_word()?;
    let mut options = read_options(args, may_store)?;
    check_rights(ctx, args, &options)?;
    // Lent by sharing: the keys of patterns are looked up while its elements are in use.
    let source = match ctx.keys.value(source) {
        None => Value::List(List::default().into()),
        Some(Value::ZSet(set)) if set.skip_list().is_none() => spread_out(ctx, source)?,
        Some(value @ (Value::List(_) | Value::Set(_) | Value::ZSet(_))) => value.clone(),
        Some(_) => return Err(CmdError::WrongType),
    };
    let is_set = matches!(source, Value::Set(_));
    let must_be_same = options.store.is_some() || ctx.client.in_script;
    if must_be_same && is_set && options.is_unsorted() {
        // What is stored, or what a script decides by, must not depend on the order of a table.
        (options.by, options.alpha) = (None, true);
    }
    let window = options.window(source.len());
    let elements = load(&source, &options, &window);
    let places = if options.is_unsorted() {
        (0..elements.len()).collect()
    } else {
        ordered(ctx, &elements, &options, &window)?
    };
    let get = if options.get.is_empty() { vec![Pattern::Element] } else { options.get };
    let len = places.len() * get.len();
    let shown = places.into_iter().filter_map(|at| elements.get(at).copied());
    match options.store {
        None => {
            ctx.reply.array(len);
            answer(ctx, shown, &get);
        }
        Some(destination) => {
            store(ctx, destination, shown, &get);
            ctx.reply.count(len);
        }
    }
    Ok(Answer::Done)
}

/// Refuses patterns to a user who may not read every key: the words of the command do not tell which they will name.
fn check_rights(ctx: &Ctx<'_>, args: Args<'_>, options: &Options<'_>) -> Result<(), CmdError> {
    let names_keys_by = options.by.is_some() && !options.is_unsorted();
    if !names_keys_by && options.get.is_empty() || rights::may_read_every_key(ctx, args) {
        return Ok(());
    }
    Err(CmdError::Msg(if names_keys_by {
        "ERR BY option of SORT denied due to insufficient ACL permissions."
    } else {
        "ERR GET option of SORT denied due to insufficient ACL permissions."
    }))
}

/// A sorted set as a skip list, which SORT makes of a small one for good, as in Redis.
fn spread_out(ctx: &mut Ctx<'_>, key: &[u8]) -> Result<Value, CmdError> {
    let seed = ctx.keys.seed;
    let place = ctx.keys.locate(key);
    let value = ctx.keys.at_mut(place).ok_or(CmdError::WrongType)?;
    if let Some(set) = SortedSet::of_mut(value) {
        set.make_room(usize::MAX, &mut Growth::new(ctx.config, seed, ctx.rng), &mut ctx.trace);
    }
    Ok(value.clone())
}

impl Options<'_> {
    /// Whether BY names no key, so that elements stay as they stand.
    fn is_unsorted(&self) -> bool {
        matches!(self.by, Some(Pattern::Nothing | Pattern::Element))
    }

    /// The places that LIMIT leaves of `len`.
    fn window(&self, len: usize) -> Range<usize> {
        let start = usize::try_from(self.offset).unwrap_or(0).min(len);
        let count = self.count.and_then(|count| usize::try_from(count).ok()).unwrap_or(len);
        start..start.saturating_add(count).min(len)
    }
}

/// The elements to sort; if nothing is sorted, those that are shown.
fn load<'v>(
    source: &'v Value,
    options: &Options<'_>,
    window: &Range<usize>,
) -> Vec<ListPackValue<'v>> {
    let is_unsorted = options.is_unsorted();
    let reverse = is_unsorted && options.descending;
    let (first, count) = if is_unsorted { (window.start, window.len()) } else { (0, source.len()) };
    match source {
        Value::List(list) => {
            let index = if reverse { -1 - first as i64 } else { first as i64 };
            list.iter_from(index, reverse, &mut NoTrace).take(count).collect()
        }
        Value::Set(set) => set.iter().skip(first).take(count).collect(),
        Value::ZSet(set) => {
            let walk = set.walk_from(first, reverse, &mut None);
            walk.map(|(member, _)| member).take(count).collect()
        }
        _ => Vec::new(),
    }
}

/// The places of the elements that are shown, in order.
fn ordered(
    ctx: &mut Ctx<'_>,
    elements: &[ListPackValue<'_>],
    options: &Options<'_>,
    window: &Range<usize>,
) -> Result<Vec<usize>, CmdError> {
    let by = options.by.unwrap_or(Pattern::Element);
    let mut name = Vec::new();
    if options.alpha {
        let mut texts = Texts::new(elements.len(), options.store.is_none());
        for &element in elements {
            texts.push(by.find(&mut ctx.keys, element, &mut name));
        }
        return Ok(by_text(&texts, options.descending, window));
    }
    let mut numbers = Vec::with_capacity(elements.len());
    for &element in elements {
        let found = by.find(&mut ctx.keys, element, &mut name);
        numbers.push(found.map_or(Some(0.0), number).ok_or(NOT_A_NUMBER)?);
    }
    Ok(by_number(elements, numbers.into_iter(), options.descending, window))
}

const NOT_A_NUMBER: CmdError =
    CmdError::Msg("ERR One or more scores can't be converted into double");

fn answer<'v>(
    ctx: &mut Ctx<'_>,
    shown: impl Iterator<Item = ListPackValue<'v>>,
    get: &[Pattern<'_>],
) {
    let mut name = Vec::new();
    for element in shown {
        for pattern in get {
            match pattern.find(&mut ctx.keys, element, &mut name) {
                Some(value) => reply::element(&mut ctx.reply, value),
                None => ctx.reply.null(),
            }
        }
    }
}

/// Makes a list of what would be shown; what is missing is an empty element.
fn store<'v>(
    ctx: &mut Ctx<'_>,
    destination: &[u8],
    shown: impl Iterator<Item = ListPackValue<'v>>,
    get: &[Pattern<'_>],
) {
    let limits = ListLimits::new(ctx.config);
    let mut list = QuickList::new(limits.fill, limits.compress_depth);
    let mut name = Vec::new();
    for element in shown {
        for pattern in get {
            let found = pattern.find(&mut ctx.keys, element, &mut name);
            let found = match found.unwrap_or(ListPackValue::Str(b"")) {
                // In a sorted set or a string a number may stand as text.
                ListPackValue::Str(bytes) => ListPackValue::from(bytes),
                number @ ListPackValue::Int(_) => number,
            };
            list.push_back(found, &mut NoTrace);
        }
    }
    let len = list.len();
    if len == 0 {
        ctx.keys.remove(destination, "del");
    } else {
        let list = List::from_quick(list, limits);
        ctx.keys.set(destination, list.into_value(), false, "sortstore");
        // Each element counts as a change, one of which has been counted.
        ctx.keys.effects.dirty += len as u64 - 1;
    }
}
