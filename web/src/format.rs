//! Numbers and times as people read them.

/// A number with a comma between thousands.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of things: `1 key`, `3 keys`, `2 replies`.
pub fn counted(number: usize, thing: &str) -> String {
    let (count, stem) = (grouped(number), thing.strip_suffix('y'));
    match stem.filter(|stem| stem.ends_with(['l', 'r'])) {
        _ if number == 1 => format!("{count} {thing}"),
        Some(stem) => format!("{count} {stem}ies"),
        None => format!("{count} {thing}s"),
    }
}

/// The time of day of a moment in milliseconds since 1970, UTC: `09:00:00`.
pub fn time_of_day(ms: f64) -> String {
    let seconds = ((ms / 1000.0).floor() as i64).rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// The day of a moment: `Mon 5 Jan 2026`.
pub fn day(ms: f64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let days = (ms / 86_400_000.0).floor() as i64;
    // From days to the civil calendar, with years that begin in March: leap days then come last.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let date = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = (march_month + 2) % 12;
    let year = year_of_era + era * 400 + i64::from(month < 2);
    let name = |names: &[&'static str], at: i64| names.get(at as usize).copied().unwrap_or("");
    format!("{} {date} {} {year}", name(&DAYS, days.rem_euclid(7)), name(&MONTHS, month))
}

/// What is left until a deadline: `42 s`, `12:05`, `3 h 20 min`, `7 d`.
pub fn time_left(ms: f64) -> String {
    if ms <= 0.0 {
        return "over".to_owned();
    }
    let seconds = (ms / 1000.0).ceil() as u64;
    match seconds {
        0..100 => format!("{seconds} s"),
        100..3600 => format!("{}:{:02}", seconds / 60, seconds % 60),
        3600..86_400 => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
        _ => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(6018), "6,018");
        assert_eq!(grouped(1_234_567), "1,234,567");
        for (number, thing, expected) in [
            (1, "key", "1 key"),
            (0, "key", "0 keys"),
            (1, "reply", "1 reply"),
            (2, "entry", "2 entries"),
        ] {
            assert_eq!(counted(number, thing), expected);
        }
    }

    #[test]
    fn moments_are_written_in_utc() {
        assert_eq!(time_of_day(1_767_603_600_000.0), "09:00:00");
        assert_eq!(time_of_day(1_767_603_600_999.0), "09:00:00");
        for (ms, expected) in [
            (1_767_603_600_000.0, "Mon 5 Jan 2026"),
            (0.0, "Thu 1 Jan 1970"),
            (1_709_164_800_000.0, "Thu 29 Feb 2024"),
            (1_740_700_800_000.0, "Fri 28 Feb 2025"),
            (951_868_800_000.0, "Wed 1 Mar 2000"),
        ] {
            assert_eq!(day(ms), expected);
        }
    }

    #[test]
    fn what_is_left_has_units() {
        for (ms, expected) in [
            (0.0, "over"),
            (1.0, "1 s"),
            (42_000.0, "42 s"),
            (725_000.0, "12:05"),
            (12_000_000.0, "3 h 20 min"),
            (604_800_000.0, "7 d"),
        ] {
            assert_eq!(time_left(ms), expected);
        }
    }
}
