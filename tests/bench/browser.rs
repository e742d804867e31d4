//! The same streams in WebAssembly, in Node and in Chromium; and how soon the page answers.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use e2e::browser::{Browser, key};
use e2e::site::Site;
use serde_json::{Value, json};

use crate::measure::Spread;
use crate::stream::{BATCH, COMMANDS, KEYS, STREAMS, peer};

/// Starts of the page.
const STARTS: usize = 5;

const SCRIPT: &str = include_str!("streams.js");

pub(crate) fn run() {
    println!(
        "Streams through redarium.js: million commands a second, and ÷ redis-server over a pipelined connection"
    );
    let arguments = arguments();
    let (node, chromium, peer) =
        (in_node(SCRIPT, &arguments), in_chromium(SCRIPT, &arguments), peer());
    println!(
        "  {:<9} {:>7} {:>9} {:>7} {:>8} {:>12}",
        "", "Node", "Chromium", "redis", "Node ÷", "Chromium ÷"
    );
    for (at, stream) in STREAMS.iter().enumerate() {
        let (node, chromium, peer) =
            (node.get(at).copied().unwrap_or(f64::NAN), chromium[at], peer[at]);
        println!(
            "  {:<9} {node:>7.2} {chromium:>9.2} {peer:>7.2} {:>8.1} {:>12.1}",
            stream.name,
            node / peer,
            chromium / peer
        );
    }
    println!();
    start_of_the_page();
    long_reply();
    keystrokes();
}

/// The arguments of `run` in `streams.js` after the class.
fn arguments() -> Value {
    let words: Vec<_> = STREAMS.iter().map(|stream| stream.words).collect();
    json!([words, COMMANDS, BATCH, KEYS])
}

fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().expect("a list of numbers");
    list.iter().map(|number| number.as_f64().unwrap()).collect()
}

/// The numbers that `run` of a script answers with in Node; its arguments come after the class `Redarium`.
///
/// Nothing if there is no Node.
pub(crate) fn in_node(script: &str, arguments: &Value) -> Vec<f64> {
    let dist = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../dist")
        .canonicalize()
        .expect("the site is built");
    let program = format!(
        "import {{ readFileSync }} from 'node:fs';
         import {{ initSync, Redarium }} from '{dist}/redarium.js';
         {script}
         initSync({{ module: readFileSync('{dist}/redarium_bg.wasm') }});
         console.log(JSON.stringify(await run(Redarium, ...{arguments})));",
        dist = dist.display(),
    );
    let file = std::env::temp_dir().join(format!("redarium-streams-{}.mjs", std::process::id()));
    fs::write(&file, program).unwrap();
    let output = Command::new("node").arg(&file).output();
    let _ = fs::remove_file(&file);
    match output {
        Ok(output) if output.status.success() => {
            numbers(&serde_json::from_slice(&output.stdout).unwrap())
        }
        Ok(output) => panic!("{}", String::from_utf8_lossy(&output.stderr)),
        Err(_) => Vec::new(),
    }
}

/// The same in a page.
pub(crate) fn in_chromium(script: &str, arguments: &Value) -> Vec<f64> {
    let site = Site::start();
    let browser = Browser::open(1280, 800);
    browser.goto(&site.url(""));
    let body = format!(
        "{}
         return (async (...rest) => {{
           const module = await import(new URL('redarium.js', document.baseURI));
           await module.default();
           return run(module.Redarium, ...rest);
         }})(...arguments);",
        script.replace("export ", "")
    );
    numbers(&browser.script(&body, arguments.as_array().unwrap()))
}

/// From the start of loading to a prompt that can be typed into, and to the first reply of the node behind it.
fn start_of_the_page() {
    let site = Site::start();
    let times = (0..STARTS).map(|_| {
        let browser = Browser::open(1280, 800);
        browser.goto(&site.url(""));
        browser.script(PROMPT, &[]).as_f64().expect("a time")
    });
    let times = Spread::of(times.collect());
    println!(
        "First prompt after {:.0} ms ({:.0}–{:.0}), cold, {STARTS} starts of Chromium",
        times.median, times.min, times.max
    );
}

/// The longest frame while a list of 100,000 elements is shown, opened and scrolled through.
fn long_reply() {
    let site = Site::start();
    let browser = Browser::open(1280, 800);
    browser.goto(&site.url(""));
    browser.find("console-input");
    let output = browser.find("console-output");
    let lines: Vec<String> = (0..1000)
        .map(|line| {
            let elements: Vec<String> =
                (0..100).map(|at| format!(" element:{}", line * 100 + at)).collect();
            format!("RPUSH list{}", elements.concat())
        })
        .collect();
    let paste = "const data = new DataTransfer();
        data.setData('text', arguments[0]);
        document.querySelector('#console-input').dispatchEvent(
            new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));";
    browser.script(paste, &[format!("{}\nCLEAR\nLLEN list\n", lines.join("\n")).into()]);
    output.wait_for_text("(integer) 100000");
    browser.script(FRAMES, &[]);
    browser.find("console-input").type_text(&format!("LRANGE list 0 -1{}", key::ENTER));
    browser.find_css(".block.fold .chip").wait_for_text("99,960 lines");
    let shown = longest_frame(&browser);
    browser.find_css(".block.fold .chip").click();
    let scroll = "const output = document.querySelector('.output');
        output.scrollTop += 20000;
        return output.scrollTop + output.clientHeight >= output.scrollHeight - 1;";
    while browser.script(scroll, &[]) != true {
        std::thread::sleep(std::time::Duration::from_millis(30));
    }
    output.wait_for_text("element:99999");
    let scrolled = longest_frame(&browser);
    println!(
        "LRANGE of 100,000 elements: longest frame {shown:.0} ms until it is shown, {scrolled:.0} ms while it is scrolled through"
    );
}

/// The longest frame since the last call, in milliseconds.
fn longest_frame(browser: &Browser) -> f64 {
    let longest = browser.script("return Math.max(...window.frames_.splice(0))", &[]);
    longest.as_f64().expect("there were frames")
}

/// Measures frames from now on.
const FRAMES: &str = "
    window.frames_ = [];
    let last = performance.now();
    requestAnimationFrame(function frame() {
        const now = performance.now();
        window.frames_.push(now - last);
        last = now;
        requestAnimationFrame(frame);
    });";
/// From a key that is pressed to the list that completes the word, with many keys in the node.
fn keystrokes() {
    let site = Site::start();
    let browser = Browser::open(1280, 800);
    browser.goto(&site.url(""));
    let input = browser.find("console-input");
    input.type_text(&format!("DEBUG POPULATE 100000{}", key::ENTER));
    browser.find("keyspace").wait_for_text("100");
    let times = browser.script(KEYSTROKES, &[]);
    let times = times.as_array().expect("a list of times").iter();
    let times = Spread::of(times.map(|time| time.as_f64().expect("a time")).collect());
    println!(
        "Keystroke to list, 100k keys: {:.1} ms ({:.1}–{:.1})",
        times.median, times.min, times.max
    );
}

/// Resolves to the milliseconds from each change of the line until the list shows what it asks for.
const KEYSTROKES: &str = "
    const input = document.querySelector('[data-testid=console-input]');
    const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set;
    const turn = () => new Promise(done => { const c = new MessageChannel(); c.port1.onmessage = done; c.port2.postMessage(0); });
    return (async () => {
        const times = [];
        for (let round = 0; round < 40; round++) {
            const word = 'key:' + (10 + (round * 37) % 90);
            const start = performance.now();
            set.call(input, 'GET ' + word);
            input.setSelectionRange(input.value.length, input.value.length);
            input.dispatchEvent(new InputEvent('input', { bubbles: true }));
            for (;;) {
                const options = [...document.querySelectorAll('#console-completions [role=option]')];
                if (options.length > 0 && options.every(it => it.textContent.includes(word))) break;
                if (performance.now() - start > 5000) throw new Error('no list for ' + word);
                await turn();
            }
            times.push(performance.now() - start);
        }
        return times;
    })();";

/// Resolves to the milliseconds since the page began to load, once its prompt is there.
const PROMPT: &str = "
    return new Promise(resolve => {
        const look = () => {
            const input = document.querySelector('[data-testid=console-input]');
            if (input && !input.disabled) resolve(performance.now()); else requestAnimationFrame(look);
        };
        look();
    });";
