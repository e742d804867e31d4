//! The file of users: a line `user NAME RULE...` for each, as ACL LIST shows them.
//!
//! Error texts are Redis's. This module knows nothing of where the file is.

use std::rc::Rc;

use super::error::RuleError;
use super::{Acl, DEFAULT_USER, User, has_spaces, merge_selectors};
use crate::config::Config;
use redarium_structures::ordered::OrderedMap;

/// What is said after all that is wrong.
const NOTHING_CHANGED: &str =
    "WARNING: ACL errors detected, no change to the previously active ACL rules was performed";

/// The users that a file lists, and the default user with all rights if it does not; or all that is wrong with it.
pub(crate) fn read(
    bytes: &[u8],
    config: &Config,
) -> Result<OrderedMap<Vec<u8>, Rc<User>>, Vec<u8>> {
    let mut reader = Reader { acl: Acl::none(), errors: Vec::new(), config };
    for (index, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        let line = line.trim_ascii();
        if !line.is_empty() {
            reader.read_line(index + 1, line);
        }
    }
    if !reader.errors.is_empty() {
        reader.errors.extend_from_slice(NOTHING_CHANGED.as_bytes());
        return Err(reader.errors);
    }
    let mut users = reader.acl.users;
    users.get_or_insert_with(DEFAULT_USER.to_vec(), || Rc::new(User::with_all_rights(&[])));
    Ok(users)
}

struct Reader<'a> {
    acl: Acl,
    errors: Vec<u8>,
    config: &'a Config,
}

impl Reader<'_> {
    fn read_line(&mut self, number: usize, line: &[u8]) {
        let place = format!("{}:{number}", self.config.aclfile);
        let mut words = line.split(|&byte| byte == b' ');
        let keyword = words.next();
        let (Some(b"user"), Some(name)) = (keyword, words.next()) else {
            let what = " should start with user keyword followed by the username. ";
            return self.complain(&[place.as_bytes(), what.as_bytes()]);
        };
        if has_spaces(name) {
            let what = b"' contains invalid characters. ";
            return self.complain(&[place.as_bytes(), b": username '", name, what]);
        }
        if self.acl.users.contains_key(name) {
            let what = format!("' found on line {number}. ");
            return self.complain(&[b"WARNING: Duplicate user '", name, what.as_bytes()]);
        }
        let Ok(rules) = merge_selectors(words.map(<[u8]>::trim_ascii)) else {
            let what = b": Unmatched parenthesis in selector definition. ";
            return self.complain(&[place.as_bytes(), what]);
        };
        let opens_channels = self.config.acl_pubsub_default == "allchannels";
        let mut user = User::new(name, opens_channels);
        for rule in &rules {
            let Err(error) = user.apply(rule, opens_channels) else { continue };
            let before: &[&[u8]] = match error {
                RuleError::Unknown => &[b"Error in applying operation '", rule, b"': "],
                _ => &[],
            };
            let text = format!("{error}. ");
            self.complain(&[place.as_bytes(), b": ", &before.concat(), text.as_bytes()]);
        }
        self.acl.put(user);
    }

    fn complain(&mut self, parts: &[&[u8]]) {
        self.errors.extend_from_slice(&parts.concat());
    }
}

/// All users as the lines of a file.
pub(crate) fn write(acl: &Acl) -> Vec<u8> {
    acl.users().flat_map(|user| [user.line(), b"\n".to_vec()].concat()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        Config { aclfile: "users.acl".to_owned(), ..Config::default() }
    }

    #[test]
    fn what_is_written_reads_back() {
        let config = config();
        let mut acl = Acl::new(&config);
        for (name, rules) in [
            ("ann", "on >secret ~a:* %R~b:* &news +@read -get (+set ~c)"),
            ("bo", "off nopass allkeys allchannels +@all"),
            ("default", "on >other"),
        ] {
            let rules = merge_selectors(rules.split(' ').map(str::as_bytes)).unwrap();
            acl.set_user(name.as_bytes(), &rules, &config).unwrap();
        }
        let bytes = write(&acl);
        let users = read(&bytes, &config).unwrap();
        let again = Acl { users, ..Acl::none() };
        assert_eq!(String::from_utf8(write(&again)), String::from_utf8(bytes));
    }

    #[test]
    fn all_that_is_wrong_is_told() {
        for (text, errors) in [
            ("usr ann on", "users.acl:1 should start with user keyword followed by the username. "),
            ("\n\nuser", "users.acl:3 should start with user keyword followed by the username. "),
            ("user ann on\nuser ann off", "WARNING: Duplicate user 'ann' found on line 2. "),
            (
                "user ann on +foo -bar\nuser bo ~*\nuser x %Q~a",
                "users.acl:1: Error in applying operation '+foo': Unknown command or category name in ACL. \
                 users.acl:1: Error in applying operation '-bar': Unknown command or category name in ACL. \
                 users.acl:3: Syntax error. ",
            ),
            ("user \"a b\" on", "users.acl:1: Syntax error. "),
            ("user ann (+get", "users.acl:1: Unmatched parenthesis in selector definition. "),
        ] {
            let wrong = read(text.as_bytes(), &config()).unwrap_err();
            assert_eq!(String::from_utf8_lossy(&wrong), format!("{errors}{NOTHING_CHANGED}"));
        }
    }

    #[test]
    fn the_default_user_is_always_there() {
        let users = read(b"  user ann on nopass\r\n", &config()).unwrap();
        let names: Vec<_> = users.keys().map(|name| String::from_utf8_lossy(name)).collect();
        assert_eq!(names, ["ann", "default"]);
        assert!(users.get(DEFAULT_USER).unwrap().may_do_all(), "with all rights");
    }
}
