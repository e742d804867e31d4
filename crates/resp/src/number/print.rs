//! Printing: digits of integers, and doubles as Redis shows scores.

/// Decimal digits of an integer, on the stack.
pub struct IntBuffer(itoa::Buffer);

impl IntBuffer {
    /// An empty buffer; costs nothing.
    #[inline]
    pub fn new() -> Self {
        IntBuffer(itoa::Buffer::new())
    }

    /// The digits of `value`, valid until the buffer is used again.
    #[inline]
    pub fn format(&mut self, value: i64) -> &[u8] {
        self.0.format(value).as_bytes()
    }
}

impl Default for IntBuffer {
    fn default() -> Self {
        IntBuffer::new()
    }
}

/// Appends the decimal digits of `value`.
#[inline]
pub fn write_i64(out: &mut Vec<u8>, value: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Appends the decimal digits of `value`.
#[inline]
pub fn write_u64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Whole doubles within this magnitude are printed with all their digits, as integers.
const WHOLE_MAX: f64 = (i64::MAX / 2) as f64;

/// Appends a double as Redis prints scores: the shortest digits that read back as the same value.
///
/// `3`, `0.1`, `1e+20`, `5e-324`, `inf`, `-inf`, `nan`, `-0`.
/// Whole numbers up to 2^62 are plain; otherwise up to seven zeros follow or lead before an exponent is used.
pub fn write_f64(out: &mut Vec<u8>, value: f64) {
    if value.is_nan() {
        out.extend_from_slice(b"nan");
    } else if value.is_infinite() {
        out.extend_from_slice(if value < 0.0 { b"-inf" } else { b"inf" });
    } else if value == 0.0 {
        out.extend_from_slice(if value.is_sign_negative() { b"-0" } else { b"0" });
    } else if value.fract() == 0.0 && value.abs() <= WHOLE_MAX {
        write_i64(out, value as i64);
    } else {
        if value < 0.0 {
            out.push(b'-');
        }
        write_digits(out, value.abs(), value < 0.0);
    }
}

/// Appends a double with up to 17 significant digits, as C's `%.17g` does: how ZSCAN shows scores.
pub fn write_f64_17(out: &mut Vec<u8>, value: f64) {
    write_f64_digits(out, value, 17);
}

/// Appends a double with up to so many significant digits, at least one, as C's `%.*g` does.
pub fn write_f64_digits(out: &mut Vec<u8>, value: f64, significant: usize) {
    if !value.is_finite() {
        return write_f64(out, value);
    }
    let last = significant.max(1) - 1;
    let scientific = format!("{value:.last$e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let plain = (-4..=last as i32).contains(&exponent);
    let decimals = usize::try_from(last as i32 - exponent).unwrap_or(0);
    let fixed = if plain { format!("{value:.decimals$}") } else { digits.to_owned() };
    let kept = if fixed.contains('.') {
        fixed.trim_end_matches('0').trim_end_matches('.')
    } else {
        &fixed
    };
    out.extend_from_slice(kept.as_bytes());
    if !plain {
        let sign = if exponent < 0 { '-' } else { '+' };
        out.extend_from_slice(format!("e{sign}{:02}", exponent.unsigned_abs()).as_bytes());
    }
}

/// A double as text, as [`write_f64`] prints it.
pub fn format_f64(value: f64) -> String {
    let mut out = Vec::new();
    write_f64(&mut out, value);
    out.into_iter().map(char::from).collect()
}

/// Lays out the shortest digits by the rules of the fpconv library, which Redis prints doubles with since 7.2.
fn write_digits(out: &mut Vec<u8>, value: f64, negative: bool) {
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(value);
    let (digits_text, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let mut exponent: i32 = exponent.parse().unwrap_or(0);
    // A double has at most 17 significant digits, and plain text at most 17 more zeros around them.
    let mut digits = [0u8; 40];
    let mut len = 0;
    let mut after_point = false;
    for byte in digits_text.bytes() {
        if byte == b'.' {
            after_point = true;
            continue;
        }
        exponent -= i32::from(after_point);
        if (len > 0 || byte != b'0')
            && let Some(slot) = digits.get_mut(len)
        {
            *slot = byte;
            len += 1;
        }
    }
    while len > 1 && digits.get(len - 1) == Some(&b'0') {
        len -= 1;
        exponent += 1;
    }
    let digits = digits.get(..len).unwrap_or_default();
    let magnitude = (exponent + len as i32 - 1).unsigned_abs();
    if exponent >= 0 && magnitude < len as u32 + 7 {
        out.extend_from_slice(digits);
        out.resize(out.len() + exponent as usize, b'0');
    } else if exponent < 0 && (exponent > -7 || magnitude < 4) {
        let shift = exponent.unsigned_abs() as usize;
        match len.checked_sub(shift) {
            Some(point) if point > 0 => {
                let (whole, fraction) = digits.split_at(point);
                out.extend_from_slice(whole);
                out.push(b'.');
                out.extend_from_slice(fraction);
            }
            _ => {
                out.extend_from_slice(b"0.");
                out.resize(out.len() + shift - len, b'0');
                out.extend_from_slice(digits);
            }
        }
    } else {
        // The library reserves 18 characters for digits and sign, so it never cuts the 17 digits of a double.
        let digits = digits.get(..len.min(18 - usize::from(negative))).unwrap_or_default();
        let (first, rest) = digits.split_at(1.min(digits.len()));
        out.extend_from_slice(first);
        if !rest.is_empty() {
            out.push(b'.');
            out.extend_from_slice(rest);
        }
        out.extend_from_slice(if exponent + (len as i32) < 1 { b"e-" } else { b"e+" });
        write_u64(out, u64::from(magnitude));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_printed_as_scores() {
        for (value, text) in [
            (3.0, "3"),
            (0.1, "0.1"),
            (-0.1, "-0.1"),
            (0.0, "0"),
            (-0.0, "-0"),
            (1e20, "1e+20"),
            (-1e20, "-1e+20"),
            (1e21, "1e+21"),
            (1e17, "100000000000000000"),
            (123_456_789_012_345_680.0, "123456789012345680"),
            (f64::MAX, "1.7976931348623157e+308"),
            (5e-324, "5e-324"),
            (0.300_000_000_000_000_04, "0.30000000000000004"),
            (3.5, "3.5"),
            (0.000_001, "0.000001"),
            (0.000_000_1, "1e-7"),
            (12.125, "12.125"),
            (1.234_567_890_123_456_7e19, "12345678901234567000"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
        ] {
            assert_eq!(format_f64(value), text, "{value:?}");
        }
    }

    #[test]
    fn seventeen_digits_are_those_of_printf() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (3.0, "3"),
            (-1.5, "-1.5"),
            (0.1, "0.10000000000000001"),
            (1e16, "10000000000000000"),
            (1e17, "1e+17"),
            (1.5e300, "1.5000000000000001e+300"),
            (0.0001, "0.0001"),
            (0.000_012_5, "1.2500000000000001e-05"),
            (5e-324, "4.9406564584124654e-324"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            let mut out = Vec::new();
            write_f64_17(&mut out, value);
            assert_eq!(String::from_utf8(out).unwrap(), text, "{value:?}");
        }
    }
}
