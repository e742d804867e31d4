//! Files: the word list, and files of a person's own.

use std::path::Path;

use super::{assert_well, enter, open};

#[test]
fn anagrams_are_found_in_a_chosen_word_list() {
    let (site, browser) = open(1440, 900);
    let words = Path::new(env!("CARGO_MANIFEST_DIR")).join("../lessons/data/words.txt");
    let words = words.canonicalize().expect("the list is in the repository");
    browser.find("file-input").type_text(&words.display().to_string());
    let output = browser.find("console-output");
    output.wait_for_text("words.txt: 6,018 words");
    browser.find_css(".chips .chip:nth-child(2)").click();
    output.wait_for_text("10,882 replies, no error");
    enter(&browser, "ZRANGE anagrams:sizes +inf 6 BYSCORE REV");
    output.wait_for_text("1) \"opst\"\n2) \"aeprs\"\n3) \"aelpst\"");
    browser.find("window").wait_for_text("of 5,441");
    enter(&browser, "SMEMBERS anagrams:opst");
    for word in ["opts", "post", "pots", "spot", "stop", "tops"] {
        output.wait_for_text(&format!("\"{word}\""));
    }
    browser.find("position").wait_for_text("3 / 3");
    assert_well(&site, &browser);
}

#[test]
fn the_word_list_of_the_page_makes_a_set() {
    let (site, browser) = open(1280, 800);
    browser.find("load-words").click();
    let output = browser.find("console-output");
    output.wait_for_text("6,018 words");
    browser.find_css(".chips .chip:nth-child(1)").click();
    output.wait_for_text("SADD words abandon");
    enter(&browser, "SCARD words");
    output.wait_for_text("(integer) 6018");
    assert_well(&site, &browser);
}

#[test]
fn a_dropped_file_of_commands_is_run() {
    let (site, browser) = open(1280, 800);
    let drop = "const data = new DataTransfer();
        data.items.add(new File(['# planets\\nZADD mass 1 earth\\nZADD mass 318 jupiter\\n'], 'planets.redis'));
        const page = document.querySelector('[data-testid=app]');
        page.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));";
    browser.script(drop, &[]);
    let output = browser.find("console-output");
    output.wait_for_text("2 replies, no error");
    enter(&browser, "ZCARD mass");
    output.wait_for_text("ZCARD mass\n(integer) 2");
    assert_well(&site, &browser);
}
