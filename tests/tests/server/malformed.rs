//! Bytes that are no commands: each answer, and whether the server hangs up, is that of a real Redis.

use std::fmt::Write as _;

use e2e::process::Server;
use e2e::wire::Wire;

/// Requests that are not what they should be, each sent on a connection of its own.
fn cases() -> Vec<Vec<u8>> {
    let texts: &[&[u8]] = &[
        // The head of an array.
        b"*\r\n",
        b"*x\r\n",
        b"*1x\r\n",
        b"* 1\r\n$4\r\nPING\r\n",
        b"*+1\r\n$4\r\nPING\r\n",
        b"*01\r\n$4\r\nPING\r\n",
        b"*-0\r\n$4\r\nPING\r\n",
        b"*0\r\nPING\r\n",
        b"*-1\r\nPING\r\n",
        b"*-10\r\nPING\r\n",
        b"*-9223372036854775808\r\nPING\r\n",
        b"*-9223372036854775809\r\n",
        b"*9223372036854775807\r\n",
        b"*9223372036854775808\r\n",
        b"*99999999999999999999999\r\n",
        b"*2147483647\r\n",
        b"*2147483648\r\n",
        b"*4294967297\r\n$4\r\nPING\r\n",
        b"*1048576\r\n$4\r\nPING\r\n",
        b"*1048577\r\n$4\r\nPING\r\n",
        b"*1\n$4\nPING\n",
        b"*1\n\r\n",
        b"*1\rx$4\r\nPING\r\n",
        b"*1\r\r$4\r\nPING\r\n",
        b"*1 \r\n",
        b"*1.0\r\n",
        b"*0x1\r\n",
        b"*1e1\r\n",
        b"*1\0\r\n",
        b"**\r\n",
        b"*$\r\n",
        // The head of a word.
        b"*1\r\nPING\r\n",
        b"*1\r\n:1\r\n",
        b"*1\r\n+PING\r\n",
        b"*1\r\n-PING\r\n",
        b"*1\r\n*1\r\n$4\r\nPING\r\n",
        b"*1\r\n\r\n",
        b"*1\r\n\n\r\n",
        b"*1\r\n \r\n",
        b"*1\r\n\0\r\n",
        b"*1\r\n\xff\r\n",
        b"*1\r\n\xc3\xa9\r\n",
        b"*1\r\n'\r\n",
        b"*1\r\n$\r\n",
        b"*1\r\n$x\r\n",
        b"*1\r\n$4x\r\nPING\r\n",
        b"*1\r\n$ 4\r\nPING\r\n",
        b"*1\r\n$+4\r\nPING\r\n",
        b"*1\r\n$04\r\nPING\r\n",
        b"*1\r\n$-0\r\n\r\n",
        b"*1\r\n$-1\r\n",
        b"*1\r\n$-4\r\nPING\r\n",
        b"*1\r\n$-9223372036854775808\r\n",
        b"*1\r\n$9223372036854775807\r\n",
        b"*1\r\n$9223372036854775808\r\n",
        b"*1\r\n$536870912\r\n",
        b"*1\r\n$536870913\r\n",
        b"*1\r\n$2147483648\r\n",
        b"*1\r\n$4294967300\r\nPING\r\n",
        b"*2\r\n$3\r\nGET\r\n$536870913\r\nk\r\n",
        b"*1\r\n$4\nPING\n",
        b"*1\r\n$4\rxPING\r\n",
        // Words that are longer or shorter than they say, or end in something else.
        b"*1\r\n$3\r\nPING\r\n",
        b"*1\r\n$5\r\nPING\r\n",
        b"*1\r\n$4\r\nPINGxx*1\r\n$4\r\nPING\r\n",
        b"*1\r\n$4\r\nPING\n\n*1\r\n$4\r\nPING\r\n",
        b"*2\r\n$4\r\nECHO\r\n$0\r\n\r\n",
        b"*1\r\n$0\r\n\r\n",
        b"*2\r\n$0\r\n\r\n$0\r\n\r\n",
        // Replies where requests are expected.
        b"+OK\r\n",
        b"-ERR\r\n",
        b":1\r\n",
        b"$4\r\nPING\r\n",
        b"$-1\r\n",
        b"_\r\n",
        b"%1\r\n$1\r\na\r\n$1\r\nb\r\n",
        b"~1\r\n$4\r\nPING\r\n",
        b">1\r\n$4\r\nPING\r\n",
        b"#t\r\n",
        // Lines.
        b"\r\n",
        b"\n",
        b"\r\n\r\n\nPING\r\n",
        b"   \r\nPING\r\n",
        b"\t\r\nPING\r\n",
        b"PING\n",
        b"PING\r\r\n",
        b"  PING  \r\n",
        b"\tPING\t\r\n",
        b"PING\tx\r\n",
        b"PING \x0bx\r\n",
        b"PING",
        b"PING\r",
        b"PING\0\r\n",
        b"\0PING\r\n",
        b"\0\r\nPING\r\n",
        b"PI\0NG x\r\n",
        b"ECHO a\0b\r\n",
        b"ECHO \"a\\x00b\\xff\\n\"\r\n",
        b"ECHO \"a\\xzz\\q\"\r\n",
        b"ECHO 'a\\'b\\n'\r\n",
        b"ECHO 'it''s'\r\n",
        b"ECHO \"a\"b\r\n",
        b"ECHO \"a\r\nPING\r\n",
        b"ECHO 'a\r\nPING\r\n",
        b"ECHO a\"b\r\n",
        b"ECHO a\"b c\"\r\n",
        b"ECHO \"\"\r\n",
        b"ECHO ''\r\n",
        b"\"PING\"\r\n",
        b"\"\"\r\n",
        b"\"P\\x49NG\"\r\n",
        b"\"\r\n",
        b"'\r\n",
        b"ECHO \\\r\n",
        b"ECHO \"\\\"\r\n",
        b"ECHO \xff\xfe\r\n",
        // Good ones before and behind.
        b"PING\r\n*1\r\n$4\r\nPING\r\nECHO a\r\n*1\r\n$4\r\nPING\r\n",
        b"PING\r\n*1\r\n$-1\r\nPING\r\n",
        b"PING\r\nECHO \"\r\nPING\r\n",
        b"*1\r\n$4\r\nPING\r\n*x\r\n*1\r\n$4\r\nPING\r\n",
        b"*1\r\n$4\r\nQUIT\r\n*1\r\n$4\r\nPING\r\n",
        b"PING\r\nQUIT\r\nPING\r\n",
        b"QUIT now\r\nPING\r\n",
        // Web browsers that were tricked into talking to a server: silence.
        b"POST / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nPING\r\n",
        b"post\r\n",
        b"host: x\r\n",
        b"Host:\r\nPING\r\n",
        b"Host\r\nPING\r\n",
        b"PING\r\nPOST x\r\nPING\r\n",
        b"*2\r\n$4\r\nPOST\r\n$1\r\n/\r\n*1\r\n$4\r\nPING\r\n",
        // Names nobody has, and what follows them.
        b"*3\r\n$3\r\nabc\r\n$1\r\n\xff\r\n$3\r\na\0b\r\n",
        b"*2\r\n$3\r\n\xff\xfe\xfd\r\n$1\r\nx\r\n",
        b"*2\r\n$5\r\na\r\nbc\r\n$3\r\nx\ny\r\n",
        b"*1\r\n$3\r\na\0b\r\n",
        b"*2\r\n$6\r\nCONFIG\r\n$3\r\n\xff\0x\r\n",
        b"*2\r\n$6\r\nOBJECT\r\n$5\r\na\r\nbc\r\n",
        b"nothing like this\r\n",
        b"nothing\r\n",
        b"CONFIG nothing\r\n",
        b"config|get x\r\n",
        b"CONFIG\r\n",
        b"COMMAND nothing like this\r\n",
    ];
    let mut cases: Vec<Vec<u8>> = texts.iter().map(|text| text.to_vec()).collect();

    // Names and words that are too long to be repeated in full.
    for len in [1, 100, 126, 127, 128, 129, 130, 1000, 70_000] {
        let long = "y".repeat(len);
        for words in [
            vec![long.as_str()],
            vec!["nothing", &long],
            vec!["nothing", "a", "b", &long, "c"],
            vec!["nothing", &long, &long, "c"],
            vec!["CONFIG", &long],
            vec!["CONFIG", &long, &long],
            vec!["OBJECT", "nothing", &long],
            vec!["COMMAND", &long],
            vec!["HELLO", &long],
            vec!["SELECT", &long],
        ] {
            cases.push(request(&words));
        }
    }
    for count in [1, 20, 43, 60, 1000] {
        cases.push(request(&vec!["nothing"; count]));
    }
    // Lines and heads without an end. What comes after a server has hung up may be lost on its way.
    for len in [60_000, 65_536, 65_537, 65_550, 70_000, 200_000] {
        for start in ["", "ECHO ", "*1", "*1\r\n$1", "*2\r\n$4\r\nECHO\r\n$", "*", "\""] {
            let mut case = start.as_bytes().to_vec();
            case.resize(len, b'1');
            cases.push(case.clone());
            case.extend_from_slice(b"\r\n");
            cases.push(case);
        }
    }
    // A good pipeline, cut off everywhere.
    let pipeline =
        b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\na\r\nb\r\nPING\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n";
    cases.extend((0..pipeline.len()).map(|len| pipeline[..len].to_vec()));
    cases
}

fn request(words: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    redarium_resp::words::Words::from_slices(words).encode(&mut bytes);
    bytes
}

/// What a server answers to bytes on a connection of their own until it hangs up.
fn answer(server: &Server, bytes: &[u8]) -> Vec<u8> {
    let mut wire = Wire::connect(server);
    wire.send(bytes);
    wire.finish_sending();
    wire.rest()
}

/// Each is tried twice: alone, and with a good command behind it, which tells whether the server goes on.
#[test]
fn every_malformed_request_is_answered_as_by_a_real_redis() {
    let (ours, theirs) = (Server::redarium(&[]), Server::redis(&[]));
    let mut keeper = Wire::connect(&ours);
    keeper.ask(&["SET", "kept", "safe"]);
    let mut text = String::new();
    for case in cases() {
        let followed = [&case[..], b"*1\r\n$4\r\nPING\r\n"].concat();
        for bytes in [case, followed] {
            let (our, their) = (answer(&ours, &bytes), answer(&theirs, &bytes));
            if our.escape_ascii().to_string() != modern(&their) {
                writeln!(text, "{} ({} bytes)", shown(&bytes), bytes.len()).unwrap();
                writeln!(text, "   ours:   {}\n   theirs: {}", shown(&our), shown(&their)).unwrap();
            }
        }
    }
    assert!(text.is_empty(), "these differ:\n{text}");
    assert_eq!(keeper.ask(&["GET", "kept"]), b"$4\r\nsafe\r\n", "all data is still there");
}

/// What a Redis 8 answers: of an unknown command without words it names none.
fn modern(their: &[u8]) -> String {
    their.escape_ascii().to_string().replace(r"\', with args beginning with: \r\n", r"\'\r\n")
}

fn shown(bytes: &[u8]) -> String {
    bytes[..bytes.len().min(200)].escape_ascii().to_string()
}
