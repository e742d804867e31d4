//! What a search asks for, in its old and its new form.

use redarium_resp::number::parse_f64;

use super::{next_place, next_unit};
use crate::args::Args;
use crate::error::CmdError;
use crate::types::geohash::{Place, Shape};
use crate::types::sorted_set::SortedSet;

/// What the name of a command says already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// GEOSEARCH.
    Search,
    /// GEOSEARCHSTORE.
    SearchStore,
    /// GEORADIUS; whether it may store.
    Radius(bool),
    /// GEORADIUSBYMEMBER; whether it may store.
    RadiusByMember(bool),
}

impl Form {
    fn is_search(self) -> bool {
        matches!(self, Self::Search | Self::SearchStore)
    }

    fn may_store(self) -> bool {
        matches!(self, Self::Radius(true) | Self::RadiusByMember(true))
    }
}

/// A search as its words ask for it.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "they are the command's options, one each")]
pub(super) struct Query<'a> {
    /// The place around which to search; none if the sorted set is missing.
    pub(super) centre: Option<Place>,
    /// What to search, in metres.
    pub(super) shape: Option<Shape>,
    /// Metres of the unit in which distances are told.
    pub(super) unit: f64,
    /// Whether the farthest come first, if there is an order.
    pub(super) farthest_first: Option<bool>,
    /// Places at most.
    pub(super) count: Option<usize>,
    /// Whether the first places that are found will do.
    pub(super) any: bool,
    pub(super) with_dist: bool,
    pub(super) with_hash: bool,
    pub(super) with_coord: bool,
    /// Where to store the places.
    pub(super) store: Option<&'a [u8]>,
    /// Whether distances are stored as scores.
    pub(super) store_dist: bool,
}

impl<'a> Query<'a> {
    /// Reads all words after the key; those of a missing set are checked too.
    pub(super) fn parse(
        mut args: Args<'a>,
        form: Form,
        set: Option<&SortedSet>,
    ) -> Result<Self, CmdError> {
        let mut query = Self { unit: 1.0, ..Self::default() };
        let (mut from_member, mut from_place) = (false, false);
        match form {
            Form::Radius(_) => {
                query.centre = Some(next_place(&mut args)?);
                query.take_circle(&mut args)?;
            }
            Form::RadiusByMember(_) if set.is_none() => args = args.skip(3),
            Form::RadiusByMember(_) => {
                query.centre = place_of(set, args.next_word()?)?;
                query.take_circle(&mut args)?;
            }
            Form::Search | Form::SearchStore => {}
        }
        while !args.is_empty() {
            if query.take_flag(&mut args, form) {
            } else if args.len() > 1 && args.take_token("COUNT") {
                let count = args.next_i64()?;
                if count <= 0 {
                    return Err(CmdError::Msg("ERR COUNT must be > 0"));
                }
                query.count = Some(usize::try_from(count).unwrap_or(usize::MAX));
            } else if form.may_store() && args.len() > 1 && args.take_token("STORE") {
                (query.store, query.store_dist) = (Some(args.next_word()?), false);
            } else if form.may_store() && args.len() > 1 && args.take_token("STOREDIST") {
                (query.store, query.store_dist) = (Some(args.next_word()?), true);
            } else if form.is_search() {
                query.take_where(&mut args, set, &mut from_member, &mut from_place)?;
            } else {
                return Err(CmdError::Syntax);
            }
        }
        query.check(args, form, from_member || from_place)?;
        Ok(query)
    }

    fn take_flag(&mut self, args: &mut Args<'a>, form: Form) -> bool {
        if args.take_token("WITHDIST") {
            self.with_dist = true;
        } else if args.take_token("WITHHASH") {
            self.with_hash = true;
        } else if args.take_token("WITHCOORD") {
            self.with_coord = true;
        } else if args.take_token("ANY") {
            self.any = true;
        } else if args.take_token("ASC") {
            self.farthest_first = Some(false);
        } else if args.take_token("DESC") {
            self.farthest_first = Some(true);
        } else if form == Form::SearchStore && args.take_token("STOREDIST") {
            self.store_dist = true;
        } else {
            return false;
        }
        true
    }

    fn take_where(
        &mut self,
        args: &mut Args<'a>,
        set: Option<&SortedSet>,
        from_member: &mut bool,
        from_place: &mut bool,
    ) -> Result<(), CmdError> {
        let is_circle = matches!(self.shape, Some(Shape::Circle { .. }));
        let is_box = matches!(self.shape, Some(Shape::Box { .. }));
        if !*from_place && args.len() > 1 && args.take_token("FROMMEMBER") {
            *from_member = true;
            self.centre = place_of(set, args.next_word()?)?;
        } else if !*from_member && args.len() > 2 && args.take_token("FROMLONLAT") {
            *from_place = true;
            self.centre = Some(next_place(args)?);
        } else if !is_box && args.len() > 2 && args.take_token("BYRADIUS") {
            self.take_circle(args)?;
        } else if !is_circle && args.len() > 3 && args.take_token("BYBOX") {
            let width = next_length(args, "ERR need numeric width")?;
            let height = next_length(args, "ERR need numeric height")?;
            if width < 0.0 || height < 0.0 {
                return Err(CmdError::Msg("ERR height or width cannot be negative"));
            }
            self.unit = next_unit(args)?;
            let (width, height) = (width * self.unit, height * self.unit);
            self.shape = Some(Shape::Box { width, height });
        } else {
            return Err(CmdError::Syntax);
        }
        Ok(())
    }

    fn take_circle(&mut self, args: &mut Args<'_>) -> Result<(), CmdError> {
        let radius = next_length(args, "ERR need numeric radius")?;
        if radius < 0.0 {
            return Err(CmdError::Msg("ERR radius cannot be negative"));
        }
        self.unit = next_unit(args)?;
        self.shape = Some(Shape::Circle { radius: radius * self.unit });
        Ok(())
    }

    /// Refuses options that do not go together.
    fn check(&self, args: Args<'_>, form: Form, has_centre: bool) -> Result<(), CmdError> {
        let shows = self.with_dist || self.with_hash || self.with_coord;
        if shows && (self.store.is_some() || form == Form::SearchStore) {
            return Err(CmdError::Msg(if form == Form::SearchStore {
                "ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options"
            } else {
                "ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options"
            }));
        }
        let missing = |what| {
            let name = args.word(0).unwrap_or(b"");
            Err(CmdError::repeating(what, name, ""))
        };
        if form.is_search() && !has_centre {
            return missing("ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for ");
        }
        if form.is_search() && self.shape.is_none() {
            return missing("ERR exactly one of BYRADIUS and BYBOX can be specified for ");
        }
        if self.any && self.count.is_none() {
            return Err(CmdError::Msg("ERR the ANY argument requires COUNT argument"));
        }
        Ok(())
    }
}

fn next_length(args: &mut Args<'_>, error: &'static str) -> Result<f64, CmdError> {
    parse_f64(args.next_word()?).ok_or(CmdError::Msg(error))
}

/// Where a member is; nowhere if there is no set.
fn place_of(set: Option<&SortedSet>, member: &[u8]) -> Result<Option<Place>, CmdError> {
    let Some(set) = set else { return Ok(None) };
    let score = set.score(member, &mut None);
    let score = score.ok_or(CmdError::Msg("ERR could not decode requested zset member"))?;
    Ok(Some(Place::from_score(score)))
}
