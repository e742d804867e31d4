//! Replies rendered as redis-cli renders them: `render.golden` holds what it printed.

use redarium_resp::{Reply, Style, decode, render_as, split};

#[test]
fn replies_are_rendered_as_by_redis_cli() {
    let (mut reply, mut terminal, mut checked) = (Reply::Null, None, 0);
    // The blank line at the end closes the last entry.
    for line in include_str!("render.golden").split('\n').filter(|line| !line.starts_with('#')) {
        if let Some(text) = line.strip_prefix("| ") {
            let lines: &mut Vec<&str> = terminal.get_or_insert_default();
            lines.push(text);
            continue;
        }
        if let Some(lines) = terminal.take() {
            check(&reply, Style::Terminal, lines.join("\n").as_bytes());
            checked += 1;
        }
        let Some((key, value)) = line.split_once(' ') else { continue };
        let value = split(value.as_bytes()).unwrap();
        let value = value.get(0).unwrap();
        let style = match key {
            "reply" => {
                let (decoded, len) = decode(value).unwrap().unwrap();
                assert_eq!(len, value.len(), "all bytes of {line}");
                reply = decoded;
                continue;
            }
            "tty" => Style::Terminal,
            "raw" => Style::Raw,
            "csv" => Style::Csv,
            "json" => Style::Json,
            _ => panic!("what is {line}?"),
        };
        check(&reply, style, value);
        checked += 1;
    }
    assert!(checked > 300, "the file was read: {checked}");
}

/// From `tests/recordings/console/quoted-json.txt`.
#[test]
fn quoted_json_doubles_backslashes() {
    let reply = Reply::bulk(b"tab\tquote\"\x00\xff\x07\x08 back\\slash");
    let shown = br#""tab\\tquote\\"\\x00\\xff\\a\\b back\\\\slash""#;
    check(&reply, Style::QuotedJson, shown);
}

fn check(reply: &Reply, style: Style, expected: &[u8]) {
    let shown = render_as(reply, style);
    assert_eq!(
        String::from_utf8_lossy(&shown),
        String::from_utf8_lossy(expected),
        "{style:?} of {reply:?}"
    );
    assert_eq!(shown, expected, "the same bytes");
}
