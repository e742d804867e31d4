//! The picture of a sorted set.

use e2e::browser::{Browser, key};

use super::{assert_well, enter, open};

/// Makes every sorted set a skip list, and one with these members.
fn skip_list(browser: &Browser, members: &[&str]) {
    enter(browser, "CONFIG SET zset-max-listpack-entries 0");
    for (score, member) in members.iter().enumerate() {
        enter(browser, &format!("ZADD game {score}00 {member}"));
    }
}

#[test]
fn a_small_sorted_set_is_a_listpack_that_can_be_made_a_skip_list() {
    let (site, browser) = open(1440, 900);
    enter(&browser, "ZADD game 4200 ana 3900 bo");
    browser.find("picture-listpack").wait_for_text("3900");
    browser.find("upgrade").click();
    browser.find("picture-skiplist").wait_for_text("ana");
    browser.find("console-output").wait_for_text("CONFIG SET zset-max-listpack-entries 0");
    assert_well(&site, &browser);
}

#[test]
fn a_search_is_stepped_through() {
    let (site, browser) = open(1440, 900);
    browser.emulate_media("prefers-reduced-motion", "reduce");
    skip_list(&browser, &["ana", "bo", "cleo", "dan", "eve"]);
    enter(&browser, "ZREVRANK game eve");
    browser.find("cost").wait_for_text("ZREVRANK visited");
    let steps = browser.find_all_css("[data-testid=picture-trace] li").len();
    assert!(steps > 0, "the way is told");
    browser.find("cost").wait_for_text("rank 0 from the top");
    let is_at = |step: usize| {
        browser.find_css(".step-count").wait_for_text(&format!("{step} / {steps}"));
    };
    is_at(steps);
    browser.find_css(".tower.found").wait_for_text("eve");
    assert!(browser.find_all_css(".drawing .cursor").is_empty(), "the search is over");
    browser.find("picture-back").click();
    is_at(steps - 1);
    browser.find_css(".drawing .cursor");
    browser.find("picture-step").click();
    is_at(steps);
    browser.find("picture-table").click();
    browser.find_css(".members").wait_for_text("header");
    assert_well(&site, &browser);
}

#[test]
fn choosing_a_member_writes_the_question_for_its_rank() {
    let (site, browser) = open(1440, 900);
    browser.emulate_media("prefers-reduced-motion", "reduce");
    skip_list(&browser, &["ana", "bo"]);
    browser.find_css(".drawing .tower:not(.head) .card").click();
    let line = browser.find("console-input");
    let written = || (line.property("value") == "ZREVRANK game ana").then_some(());
    browser.wait_until("the command", written);
    browser.press(key::ENTER);
    browser.find("console-output").wait_for_text("ZREVRANK game ana\n(integer) 1");
    assert_well(&site, &browser);
}

#[test]
fn small_values_tables_lists_and_strings_have_pictures_too() {
    let (site, browser) = open(1440, 900);
    browser.emulate_media("prefers-reduced-motion", "reduce");
    for (line, picture, text) in [
        ("SET greeting hello", "picture-string", "h\n0\ne\n1"),
        ("HSET user:1 name ana age 7", "picture-listpack", "ana"),
        ("SADD numbers 5 3 70000", "picture-intset", "70000"),
        ("SADD many a b c", "picture-listpack", "head"),
        ("CONFIG SET set-max-listpack-entries 2", "", ""),
        ("SADD tags red green blue", "picture-dict", "3 members in 4 buckets"),
        ("CONFIG SET list-max-listpack-size 2", "", ""),
        ("RPUSH queue a b c d e", "picture-quicklist", "5 elements in 3 nodes"),
    ] {
        enter(&browser, line);
        if !picture.is_empty() {
            browser.find(picture).wait_for_text(text);
        }
    }
    browser.find("cost").wait_for_text("RPUSH");
    browser.find_css(".mark.cell").click();
    let line = browser.find("console-input");
    let written = || (line.property("value") == "LINDEX queue 0").then_some(());
    browser.wait_until("the question for the first element", written);
    browser.find("picture-table").click();
    browser.find_css(".members").wait_for_text("Bytes");
    assert_well(&site, &browser);
}
