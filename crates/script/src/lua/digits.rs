//! `%e` and `%g` of `string.format`, with the digits that C prints.
//!
//! The machine's own come from a division by a power of ten, which leaves the last of 17 digits to chance.

use redarium_resp::number::write_f64_digits;

/// A conversion such as `%-12.3g`, without its per cent sign.
struct Conversion {
    is_left: bool,
    plus: Option<char>,
    is_zero_padded: bool,
    width: usize,
    precision: usize,
    letter: u8,
}

/// Takes over the conversions of doubles: in the format that comes back they are `%s`, and `put` has got their texts.
///
/// `number` gives the argument of a conversion, counted from 1, if it is a finite number. `None` if there is nothing to take over.
pub(super) fn take_over(
    format: &[u8],
    mut number: impl FnMut(usize) -> Option<f64>,
    mut put: impl FnMut(usize, String),
) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = format;
    let mut argument = 0;
    let mut is_changed = false;
    while let Some(at) = rest.iter().position(|&byte| byte == b'%') {
        let (plain, spec) = rest.split_at(at + 1);
        out.extend_from_slice(plain);
        let len = spec.iter().take_while(|byte| b"-+ #0.123456789".contains(byte)).count() + 1;
        let (conversion, behind) = spec.split_at(len.min(spec.len()));
        rest = behind;
        if conversion == b"%" {
            out.push(b'%');
            continue;
        }
        argument += 1;
        let shown = Conversion::read(conversion)
            .and_then(|conversion| Some(conversion.show(number(argument)?)));
        match shown {
            Some(text) => {
                put(argument, text);
                out.push(b's');
                is_changed = true;
            }
            None => out.extend_from_slice(conversion),
        }
    }
    out.extend_from_slice(rest);
    is_changed.then_some(out)
}

impl Conversion {
    /// `None` for those of other letters, those that C would refuse and those with `#`.
    fn read(text: &[u8]) -> Option<Self> {
        let (&letter, options) = text.split_last()?;
        if !b"eEgG".contains(&letter) || options.contains(&b'#') {
            return None;
        }
        let options = std::str::from_utf8(options).ok()?;
        let sizes = options.trim_start_matches(['-', '+', ' ', '0']);
        let flags = options.strip_suffix(sizes)?;
        let (width, precision) = sizes.split_once('.').unwrap_or((sizes, "6"));
        if flags.len() > 5 || width.len() > 2 || precision.len() > 2 {
            return None;
        }
        let size = |digits: &str| if digits.is_empty() { Some(0) } else { digits.parse().ok() };
        let is_left = flags.contains('-');
        Some(Conversion {
            is_left,
            plus: ['+', ' '].into_iter().find(|&sign| flags.contains(sign)),
            is_zero_padded: flags.contains('0') && !is_left,
            width: size(width)?,
            precision: size(precision)?,
            letter,
        })
    }

    fn show(&self, number: f64) -> String {
        let magnitude = number.abs();
        let mut digits = if self.letter.eq_ignore_ascii_case(&b'g') {
            let mut digits = Vec::new();
            write_f64_digits(&mut digits, magnitude, self.precision);
            digits.into_iter().map(char::from).collect()
        } else {
            let scientific = format!("{magnitude:.*e}", self.precision);
            let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
            let (sign, exponent) =
                exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
            format!("{mantissa}e{sign}{exponent:0>2}")
        };
        if self.letter.is_ascii_uppercase() {
            digits.make_ascii_uppercase();
        }
        let sign = if number.is_sign_negative() { Some('-') } else { self.plus };
        let sign = sign.map(String::from).unwrap_or_default();
        let width = self.width;
        if self.is_zero_padded {
            let width = width.saturating_sub(sign.len());
            return format!("{sign}{digits:0>width$}");
        }
        let text = sign + &digits;
        if self.is_left { format!("{text:<width$}") } else { format!("{text:>width$}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_printed_as_by_c() {
        let cases = [
            ("%.17g", 18_446_744_073_709_551_616.0, "1.8446744073709552e+19"),
            ("%.17g", 0.1, "0.10000000000000001"),
            ("%g", 100_000.0, "100000"),
            ("%g", 1_000_000.0, "1e+06"),
            ("%.3e", -12_345.678, "-1.235e+04"),
            ("%E", 1e-300, "1.000000E-300"),
            ("%.0e", 25.0, "2e+01"),
            ("%+12.4g", 1.5, "        +1.5"),
            ("%-8gx", 2.5, "2.5     x"),
            ("%010.3g", -1.25, "-000001.25"),
            ("%.14g", 99_999_999_999_999.99, "1e+14"),
            ("%g", -0.0, "-0"),
        ];
        for (format, number, expected) in cases {
            let mut shown = String::new();
            let rest = take_over(format.as_bytes(), |_| Some(number), |_, text| shown = text);
            let rest = String::from_utf8(rest.expect("it has a conversion")).expect("ASCII");
            assert_eq!(rest.replace("%s", &shown), expected, "{format} of {number}");
        }
    }

    #[test]
    fn everything_else_is_left_alone() {
        for format in ["%d %s %%g %5.1f", "%#g", "%123g", "%", "%-", "no conversion"] {
            let taken = take_over(format.as_bytes(), |_| Some(1.0), |_, _| {});
            assert_eq!(taken, None, "{format}");
        }
        assert_eq!(take_over(b"%g", |_| None, |_, _| {}), None, "no number");
        let mut places = Vec::new();
        let taken = take_over(b"%d%% %g %q %e", |_| Some(1.0), |place, _| places.push(place));
        assert_eq!(taken.as_deref(), Some(&b"%d%% %s %q %s"[..]), "only those of doubles");
        assert_eq!(places, [2, 4], "the per cent sign takes no argument");
    }
}
