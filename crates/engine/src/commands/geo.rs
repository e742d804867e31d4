//! Places on the earth: a sorted set whose scores are geohashes.

use crate::args::Args;
use crate::command::CommandSpec;
use crate::command::args::{Arg, one_of, token};
use crate::error::CmdError;
use crate::types::geohash::Place;

mod add;
mod options;
mod read;
mod search;
mod specs;

pub(super) const FILES: &[&[CommandSpec]] = &[add::COMMANDS, read::COMMANDS, specs::COMMANDS];

/// A unit of length.
const UNIT: Arg = one_of("unit", &[token("m"), token("km"), token("ft"), token("mi")]);

/// Metres of the unit that the next word names.
fn next_unit(args: &mut Args<'_>) -> Result<f64, CmdError> {
    let word = args.next_word()?;
    let units: [(&str, f64); 4] = [("m", 1.0), ("km", 1000.0), ("ft", 0.3048), ("mi", 1609.34)];
    let named = |(name, _): &&(&str, f64)| word.eq_ignore_ascii_case(name.as_bytes());
    units
        .iter()
        .find(named)
        .map(|unit| unit.1)
        .ok_or(CmdError::Msg("ERR unsupported unit provided. please use M, KM, FT, MI"))
}

/// Longitude and latitude of a place that can be stored.
fn next_place(args: &mut Args<'_>) -> Result<Place, CmdError> {
    let place = Place { longitude: args.next_f64()?, latitude: args.next_f64()? };
    if place.is_storable() {
        return Ok(place);
    }
    let Place { longitude, latitude } = place;
    Err(CmdError::Text(format!("ERR invalid longitude,latitude pair {longitude:.6},{latitude:.6}")))
}

/// A distance with four decimals.
fn distance_text(distance: f64) -> String {
    format!("{:.4}", (distance * 10_000.0).round_ties_even() / 10_000.0)
}
