//! The console prints what redis-cli prints, in every format: `recordings/console/`.

use std::fmt::Write as _;

use e2e::console::{FORMATS, Format, session};
use serde_json::json;

use super::{assert_well, enter, open, paste};

/// Lines that are pasted at once; all of their output is in sight, and so all of it is drawn.
const AT_ONCE: usize = 48;

/// The lines that were typed and what stands below each.
const READ: &str = "const entries = [];
    for (const block of document.querySelectorAll('[data-testid=console-output] .block')) {
        if (block.matches('.input')) {
            entries.push([block.querySelector('.typed').textContent, null]);
        } else if (!block.matches('.quiet')) {
            const text = block.querySelector('.text').textContent, last = entries.at(-1);
            last[1] = last[1] === null ? text : last[1] + '\\n' + text;
        }
    }
    return entries;";

/// Where the page differs: the format, all of them if it is empty; the line; and the reason.
const DIFFERENCES: &[(&str, &str, &str)] = &[];

#[test]
fn the_console_prints_what_redis_cli_prints() {
    let (site, browser) = open(1280, 12_000);
    let lines = session();
    let (mut replies, mut wrong) = (0, String::new());
    for format in &FORMATS {
        enter(&browser, ":reset");
        enter(&browser, if format.is_resp3() { "HELLO 3" } else { "HELLO 2" });
        enter(&browser, format.set);
        let mut shown = Vec::new();
        for (number, part) in lines.chunks(AT_ONCE).enumerate() {
            enter(&browser, "CLEAR");
            let end = format!("end-{}-{number}", format.name);
            paste(&browser, &format!("{}\n:{end}\n", part.join("\n")));
            browser.find("console-output").wait_for_text(&format!("directive `:{end}`"));
            let read = browser.script(READ, &[]);
            shown.extend(read.as_array().cloned().unwrap_or_default());
            // The line that shows that all is there.
            shown.pop();
        }
        let recorded = format.read();
        assert_eq!(shown.len(), recorded.len(), "{}: each line is there", format.name);
        for (shown, (line, text)) in shown.iter().zip(&recorded) {
            replies += 1;
            let expected = json!([line, text]);
            if *shown != expected && !is_known(format, line) {
                let _ = writeln!(wrong, "{}\n  - {expected}\n  + {shown}", format.name);
            }
        }
    }
    assert!(wrong.is_empty(), "redis-cli (-) prints other things:\n{wrong}");
    assert!(replies >= 300, "{replies} replies");
    assert_well(&site, &browser);
}

fn is_known(format: &Format, line: &str) -> bool {
    DIFFERENCES.iter().any(|(name, it, _)| (name.is_empty() || *name == format.name) && *it == line)
}
