//! The list of the files that are the log of commands: a base, and what was logged after it.
//!
//! The format is that of Redis 7: a line for each file, `file NAME seq NUMBER type b|i|h`.

use crate::config::Config;

/// A file of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    /// Its name in the directory of the log.
    pub(super) name: String,
    /// Its number among those of its type.
    pub(super) number: u64,
}

/// The files of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Manifest {
    /// What the others build on.
    pub(super) base: Option<Listed>,
    /// What was logged, oldest first.
    pub(super) incrs: Vec<Listed>,
    /// What is no longer needed.
    pub(super) history: Vec<Listed>,
    /// The directory of the log, as it stands in names.
    directory: String,
    /// The largest numbers that were given to a base and to another file.
    numbers: (u64, u64),
}

impl Manifest {
    /// The name of the list itself.
    pub(super) fn name(config: &Config) -> String {
        path(config, &format!("{}.manifest", config.appendfilename))
    }

    /// A name for a file that is not complete yet.
    pub(super) fn temp_name(config: &Config, name: &str) -> String {
        path(config, &format!("temp-{name}"))
    }

    /// The full name of a file of the log.
    pub(super) fn path(&self, listed: &Listed) -> String {
        format!("{}/{}", self.directory, listed.name)
    }

    /// A new base in place of the old one; its full name.
    pub(super) fn set_base(&mut self, config: &Config) -> String {
        self.directory.clone_from(&config.appenddirname);
        self.numbers.0 += 1;
        let kind = if config.aof_use_rdb_preamble { "rdb" } else { "aof" };
        let name = format!("{}.{}.base.{kind}", config.appendfilename, self.numbers.0);
        self.history.extend(self.base.take());
        let base = Listed { name, number: self.numbers.0 };
        let path = self.path(&base);
        self.base = Some(base);
        path
    }

    /// A file that was there before there were lists becomes the base.
    pub(super) fn adopt(&mut self, config: &Config) {
        self.directory.clone_from(&config.appenddirname);
        self.numbers.0 = 1;
        self.base = Some(Listed { name: config.appendfilename.clone(), number: 1 });
    }

    /// Whether it lists nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.base.is_none() && self.incrs.is_empty()
    }

    /// Whether the base is a file from before there were lists, which may still stand outside of the directory.
    pub(super) fn is_adopted(&self) -> bool {
        self.incrs.is_empty()
            && self.base.as_ref().is_some_and(|base| !base.name.contains(".base."))
    }

    /// A new file for what is logged from here on; its full name.
    pub(super) fn add_incr(&mut self, config: &Config) -> String {
        self.directory.clone_from(&config.appenddirname);
        self.numbers.1 += 1;
        let name = format!("{}.{}.incr.aof", config.appendfilename, self.numbers.1);
        let incr = Listed { name, number: self.numbers.1 };
        let path = self.path(&incr);
        self.incrs.push(incr);
        path
    }

    /// The full name of the file to which is logged, which is there while the log is on.
    pub(super) fn last_incr(&self) -> Option<String> {
        self.incrs.last().map(|incr| self.path(incr))
    }

    /// Declares all files but the last obsolete.
    pub(super) fn retire_incrs(&mut self) {
        let last = self.incrs.len().saturating_sub(1);
        self.history.extend(self.incrs.drain(..last));
    }

    /// Declares all files obsolete but the base.
    pub(super) fn retire_all_incrs(&mut self) {
        self.history.append(&mut self.incrs);
    }

    /// The list as it is written.
    pub(super) fn text(&self) -> String {
        let line = |listed: &Listed, kind: char| {
            let Listed { name, number } = listed;
            format!("file {} seq {number} type {kind}\n", quoted(name))
        };
        let base = self.base.iter().map(|listed| line(listed, 'b'));
        let history = self.history.iter().map(|listed| line(listed, 'h'));
        let incrs = self.incrs.iter().map(|listed| line(listed, 'i'));
        base.chain(history).chain(incrs).collect()
    }

    /// Reads a list, or says where it is wrong and how.
    pub(super) fn parse(bytes: &[u8], config: &Config) -> Result<Self, (usize, &'static str)> {
        let mut list = Self { directory: config.appenddirname.clone(), ..Self::default() };
        let mut offset = 0;
        for line in bytes.split_inclusive(|&byte| byte == b'\n') {
            list.add_line(line).map_err(|what| (offset, what))?;
            offset += line.len();
        }
        if list.base.is_none() && list.incrs.is_empty() {
            return Err((0, "it lists no file"));
        }
        Ok(list)
    }

    fn add_line(&mut self, line: &[u8]) -> Result<(), &'static str> {
        if line.starts_with(b"#") {
            return Ok(());
        }
        if !line.ends_with(b"\n") {
            return Err("the last line breaks off");
        }
        let words = redarium_resp::words::split(line.trim_ascii_end())
            .ok()
            .ok_or("the quotes of a line do not match")?;
        let words: Vec<&[u8]> = words.iter().collect();
        let mut fields: [Option<&[u8]>; 3] = [None; 3];
        for pair in words.chunks(2) {
            let [name, value] = pair else { return Err("a line has a name without a value") };
            let place = [&b"file"[..], b"seq", b"type"].iter().position(|known| known == name);
            // Others may come with later versions.
            if let Some(field) = place.and_then(|place| fields.get_mut(place)) {
                *field = Some(value);
            }
        }
        let [Some(name), Some(number), Some(kind)] = fields else {
            return Err("a line names no file, no seq or no type");
        };
        let name = str::from_utf8(name).ok().ok_or("the name of a file is no text")?;
        if name.contains('/') {
            return Err("the name of a file leads elsewhere");
        }
        let number = redarium_resp::number::parse_i64(number)
            .and_then(|number| u64::try_from(number).ok())
            .filter(|&number| number > 0)
            .ok_or("the seq of a file is no positive number")?;
        let listed = Listed { name: name.to_owned(), number };
        match kind {
            b"b" if self.base.is_some() => return Err("a second base is listed"),
            b"b" => {
                self.numbers.0 = self.numbers.0.max(number);
                self.base = Some(listed);
            }
            b"i" if number <= self.numbers.1 => return Err("the files are not in order"),
            b"i" => {
                self.numbers.1 = number;
                self.incrs.push(listed);
            }
            b"h" => self.history.push(listed),
            _ => return Err("the type of a file is none of b, i and h"),
        }
        Ok(())
    }
}

fn path(config: &Config, name: &str) -> String {
    format!("{}/{name}", config.appenddirname)
}

/// A name as a word of a line.
fn quoted(name: &str) -> String {
    let is_plain = name.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'\\".contains(&byte));
    if is_plain { name.to_owned() } else { redarium_resp::words::quote(name.as_bytes()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_as_it_was_written() {
        let config = Config { appendfilename: "my log.aof".to_owned(), ..Config::default() };
        let mut list = Manifest::default();
        list.set_base(&config);
        list.add_incr(&config);
        list.add_incr(&config);
        list.set_base(&config);
        list.retire_incrs();
        let text = list.text();
        assert_eq!(
            text,
            "file \"my log.aof.2.base.rdb\" seq 2 type b\n\
             file \"my log.aof.1.base.rdb\" seq 1 type h\n\
             file \"my log.aof.1.incr.aof\" seq 1 type h\n\
             file \"my log.aof.2.incr.aof\" seq 2 type i\n"
        );
        assert_eq!(Manifest::parse(text.as_bytes(), &config), Ok(list), "the same list");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let config = Config::default();
        for (text, offset, what) in [
            ("", 0, "it lists no file"),
            ("file a seq 1 type b\nfile b seq 1 type b\n", 20, "a second base is listed"),
            ("file a seq 2 type i\nfile b seq 2 type i\n", 20, "the files are not in order"),
            ("file a seq 1 type b", 0, "the last line breaks off"),
            ("file a seq 0 type b\n", 0, "the seq of a file is no positive number"),
            ("file ../a seq 1 type b\n", 0, "the name of a file leads elsewhere"),
            ("file a seq 1 type x\n", 0, "the type of a file is none of b, i and h"),
            ("file a seq\n", 0, "a line has a name without a value"),
            ("file a\n", 0, "a line names no file, no seq or no type"),
            ("file \"a seq 1 type b\n", 0, "the quotes of a line do not match"),
        ] {
            assert_eq!(Manifest::parse(text.as_bytes(), &config), Err((offset, what)), "{text:?}");
        }
        let more = "# a remark\nfile a seq 3 type b made 5\n";
        let list = Manifest::parse(more.as_bytes(), &config).unwrap();
        assert_eq!(list.base.unwrap().number, 3, "what is not known is passed over");
    }
}
