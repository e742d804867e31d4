//! Numbers of 64 bits on their way to a script, whose own are exact up to 2^53: beyond that they go as text.

use std::fmt;

use serde::de::{Deserializer, Error, Visitor};
use serde::ser::Serializer;

/// The largest integer up to which every one is exact in a double.
const EXACT_MAX: u64 = (1 << 53) - 1;

/// Writes a number, or its digits.
pub fn serialize<S: Serializer>(number: &i64, to: S) -> Result<S::Ok, S::Error> {
    if number.unsigned_abs() <= EXACT_MAX {
        to.serialize_i64(*number)
    } else {
        to.collect_str(number)
    }
}

/// Reads what [`serialize`] has written.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    from.deserialize_any(NumberOrText)
}

/// The same for a number that may be missing.
pub mod option {
    use serde::de::Deserializer;
    use serde::ser::Serializer;
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    struct Exact(#[serde(with = "super")] i64);

    /// Writes a number, its digits, or nothing.
    pub fn serialize<S: Serializer>(number: &Option<i64>, to: S) -> Result<S::Ok, S::Error> {
        number.map(Exact).serialize(to)
    }

    /// Reads what [`serialize`] has written.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
        Ok(Option::<Exact>::deserialize(from)?.map(|number| number.0))
    }
}

struct NumberOrText;

impl Visitor<'_> for NumberOrText {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer or its digits")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<i64, E> {
        Ok(number)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<i64, E> {
        i64::try_from(number).map_err(E::custom)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<i64, E> {
        Ok(number as i64)
    }

    fn visit_str<E: Error>(self, digits: &str) -> Result<i64, E> {
        digits.parse().map_err(E::custom)
    }
}
