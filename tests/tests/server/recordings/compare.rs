//! Replies as the lines of a recording, and whether two such texts mean the same under modifiers.

use redarium_resp::decode::Reply;
use redarium_resp::words::quote;
use sha1_smol::Sha1;

/// Longer strings are recorded as their length and sum.
const SHOWN_MAX: usize = 400;

/// A reply as a recording writes it.
pub(super) fn lines(reply: &Reply, protocol: u8) -> Vec<String> {
    let mut lines = Vec::new();
    write(reply, protocol, 0, &mut lines);
    lines
}

fn write(reply: &Reply, protocol: u8, depth: usize, lines: &mut Vec<String>) {
    let text = |bytes: &[u8]| bytes.iter().copied().map(char::from).collect::<String>();
    let many = |sign: char, len: usize| format!("{sign}{len}");
    let pairs = |pairs: &[(Reply, Reply)]| {
        pairs.iter().flat_map(|(name, value)| [name.clone(), value.clone()]).collect()
    };
    let (head, children): (String, Vec<Reply>) = match reply {
        Reply::Simple(bytes) => (format!("+{}", text(bytes)), vec![]),
        Reply::Error(bytes) => (format!("-{}", text(bytes)), vec![]),
        Reply::Integer(value) => (format!(":{value}"), vec![]),
        Reply::Bulk(bytes) => (string('$', bytes), vec![]),
        Reply::Null if protocol == 3 => ("_".to_owned(), vec![]),
        Reply::Null => ("$nil".to_owned(), vec![]),
        Reply::NullArray => ("*nil".to_owned(), vec![]),
        Reply::Array(elements) => (many('*', elements.len()), elements.clone()),
        Reply::Set(elements) => (many('~', elements.len()), elements.clone()),
        Reply::Push(elements) => (many('>', elements.len()), elements.clone()),
        Reply::Map(map) => (many('%', map.len()), pairs(map)),
        Reply::Double { text: digits, .. } => (format!(",{}", text(digits)), vec![]),
        Reply::Bool(value) => (if *value { "#t" } else { "#f" }.to_owned(), vec![]),
        Reply::BigNumber(digits) => (format!("({}", text(digits)), vec![]),
        Reply::Verbatim { format, text } => {
            (string('=', &[format, &b":"[..], text].concat()), vec![])
        }
        Reply::Attribute { pairs: map, .. } => (many('|', map.len()), pairs(map)),
    };
    lines.push(format!("{}{head}", "  ".repeat(depth)));
    for child in &children {
        write(child, protocol, depth + 1, lines);
    }
    if let Reply::Attribute { reply, .. } = reply {
        write(reply, protocol, depth, lines);
    }
}

fn string(sign: char, bytes: &[u8]) -> String {
    if bytes.len() > SHOWN_MAX {
        return format!("{sign}#{}:{}", bytes.len(), Sha1::from(bytes).digest());
    }
    format!("{sign}{}", quote(bytes))
}

/// Whether two replies mean the same.
pub(super) fn is_same(expected: &[String], got: &[String], modifiers: &[String]) -> bool {
    if expected == got || modifiers.iter().any(|modifier| modifier == "any") {
        return true;
    }
    let canonical = |lines: &[String]| -> Vec<String> {
        nodes(lines).iter().map(|node| node.canonical(modifiers)).collect()
    };
    canonical(expected) == canonical(got)
}

/// A line with the lines below it that stand further in.
#[derive(Debug)]
struct Node<'l> {
    head: &'l str,
    children: Vec<Node<'l>>,
}

fn nodes(lines: &[String]) -> Vec<Node<'_>> {
    let depth = |line: &String| line.len() - line.trim_start_matches(' ').len();
    let Some(own) = lines.first().map(depth) else { return Vec::new() };
    // A line that stands less far in than the first cannot be: the first is one of the outermost.
    lines
        .chunk_by(|_, next| depth(next) > own)
        .map(|chunk| Node { head: chunk[0].trim_start(), children: nodes(&chunk[1..]) })
        .collect()
}

impl Node<'_> {
    /// A text that is equal for all replies that mean the same.
    fn canonical(&self, modifiers: &[String]) -> String {
        let has = |name: &str| modifiers.iter().any(|modifier| modifier == name);
        if has("type") {
            let nil = if self.head.ends_with("nil") { "nil" } else { "" };
            return format!("{}{nil}", &self.head[..1]);
        }
        let mut parts: Vec<String> =
            self.children.iter().map(|child| child.canonical(modifiers)).collect();
        if self.head.starts_with('%') || (has("pairs") && parts.len().is_multiple_of(2)) {
            parts = parts.chunks(2).map(|pair| pair.join(" => ")).collect();
            parts.sort();
        } else if self.head.starts_with('~') || has("unordered") {
            parts.sort();
        }
        let head =
            modifiers.iter().fold(self.head.to_owned(), |head, modifier| loosened(head, modifier));
        format!("{head} [{}]", parts.join(", "))
    }
}

/// A line as one modifier looks at it.
fn loosened(head: String, modifier: &str) -> String {
    let (sign, body) = head.split_at(1);
    let bare = body.trim_matches('"');
    let mut words = modifier.split(' ');
    let name = words.next().unwrap_or_default();
    let numbers: Vec<f64> = words.filter_map(|word| word.parse().ok()).collect();
    let is_value = !matches!(sign, "*" | "~" | "%" | ">");
    match (name, &numbers[..]) {
        ("integers", _)
            if is_value && !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            format!("{sign}N")
        }
        ("digits", _) => {
            let runs = head.split(|letter: char| letter.is_ascii_digit());
            runs.filter(|run| !run.is_empty()).collect::<Vec<_>>().join("N")
        }
        ("range", [low, high]) => match bare.parse::<f64>() {
            Ok(value) if (*low..=*high).contains(&value) => format!("{sign}in range"),
            _ => head,
        },
        ("approx", [digits]) => match bare.parse::<f64>() {
            Ok(value) => format!("{sign}{value:.*e}", (*digits as usize).saturating_sub(1)),
            Err(_) => head,
        },
        ("errcode", _) if sign == "-" => head.split(' ').next().unwrap_or_default().to_owned(),
        _ => head,
    }
}
