//! One user: passwords, and the selectors that say what it may do.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::error::RuleError;
use super::selector::Selector;
use super::{DEFAULT_USER, has_spaces};

/// A user; connections share it, so that it is replaced and not changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its name.
    pub name: Vec<u8>,
    is_on: bool,
    /// Whether any password will do.
    needs_no_password: bool,
    /// Whether payloads that it restores are checked thoroughly; here they always are.
    sanitizes: bool,
    /// SHA-256 of each password, in 64 lower-case hexadecimal digits.
    passwords: Vec<String>,
    /// What its own rules say.
    root: Selector,
    /// Further sets of rules; one that allows a command is enough.
    selectors: Vec<Selector>,
}

/// SHA-256 in lower-case hexadecimal digits.
fn hashed(password: &[u8]) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(password) {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn checked_hash(text: &[u8]) -> Result<String, RuleError> {
    let is_hash = text.len() == 64 && text.iter().all(|byte| b"0123456789abcdef".contains(byte));
    if is_hash { Ok(String::from_utf8_lossy(text).into_owned()) } else { Err(RuleError::BadHash) }
}

impl User {
    /// A user that is off and may do nothing.
    pub(super) fn new(name: &[u8], opens_channels: bool) -> Self {
        Self {
            name: name.to_vec(),
            is_on: false,
            needs_no_password: false,
            sanitizes: true,
            passwords: Vec::new(),
            root: Selector::new(opens_channels),
            selectors: Vec::new(),
        }
    }

    /// The default user as it is at first.
    pub(super) fn with_all_rights(password: &[u8]) -> Self {
        let mut user = Self::new(DEFAULT_USER, true);
        user.is_on = true;
        user.root = Selector::with_all_rights();
        user.set_only_password(password);
        user
    }

    pub(super) fn set_only_password(&mut self, password: &[u8]) {
        self.needs_no_password = password.is_empty();
        self.passwords = if password.is_empty() { Vec::new() } else { vec![hashed(password)] };
    }

    /// Whether it is on and may run every command on all keys and channels: then nothing else is looked at.
    pub(crate) fn may_do_all(&self) -> bool {
        self.root.allows_all()
    }

    /// Whether a connection may be this user without saying so.
    pub(crate) fn admits_anyone(&self) -> bool {
        self.is_on && self.needs_no_password
    }

    /// Whether every password is right.
    pub(crate) fn needs_no_password(&self) -> bool {
        self.needs_no_password
    }

    pub(super) fn accepts(&self, password: &[u8]) -> bool {
        self.is_on && (self.needs_no_password || self.passwords.contains(&hashed(password)))
    }

    /// All sets of rules, its own first.
    pub(crate) fn selectors(&self) -> impl Iterator<Item = &Selector> {
        std::iter::once(&self.root).chain(&self.selectors)
    }

    /// What its own rules say.
    pub fn root(&self) -> &Selector {
        &self.root
    }

    /// Further sets of rules.
    pub fn further(&self) -> &[Selector] {
        &self.selectors
    }

    /// SHA-256 of its passwords, in hexadecimal digits.
    pub fn passwords(&self) -> &[String] {
        &self.passwords
    }

    /// Its switches, as ACL GETUSER names them.
    pub fn flags(&self) -> Vec<&'static str> {
        let mut flags = vec![if self.is_on { "on" } else { "off" }];
        if self.needs_no_password {
            flags.push("nopass");
        }
        flags.push(if self.sanitizes { "sanitize-payload" } else { "skip-sanitize-payload" });
        flags
    }

    /// The line of ACL LIST: rules that would make this user.
    pub fn line(&self) -> Vec<u8> {
        let mut line = [b"user ", &*self.name, b" ", self.flags().join(" ").as_bytes()].concat();
        for password in &self.passwords {
            line.extend_from_slice(format!(" #{password}").as_bytes());
        }
        line.push(b' ');
        line.extend(self.root.rules());
        for selector in &self.selectors {
            line.extend_from_slice(b" (");
            line.extend(selector.rules());
            line.push(b')');
        }
        line
    }

    /// Applies one rule of ACL SETUSER.
    pub(super) fn apply(&mut self, rule: &[u8], opens_channels: bool) -> Result<(), RuleError> {
        match rule.to_ascii_lowercase().as_slice() {
            b"" => {}
            b"on" => self.is_on = true,
            b"off" => self.is_on = false,
            b"nopass" => {
                self.needs_no_password = true;
                self.passwords.clear();
            }
            b"resetpass" => {
                self.needs_no_password = false;
                self.passwords.clear();
            }
            b"sanitize-payload" => self.sanitizes = true,
            b"skip-sanitize-payload" => self.sanitizes = false,
            b"clearselectors" => self.selectors.clear(),
            b"reset" => *self = Self::new(&self.name, opens_channels),
            _ => return self.apply_long(rule, opens_channels),
        }
        Ok(())
    }

    fn apply_long(&mut self, rule: &[u8], opens_channels: bool) -> Result<(), RuleError> {
        match rule {
            [b'>', password @ ..] => self.add_password(hashed(password)),
            [b'#', hash @ ..] => self.add_password(checked_hash(hash)?),
            [b'<', password @ ..] => self.remove_password(&hashed(password))?,
            [b'!', hash @ ..] => self.remove_password(&checked_hash(hash)?)?,
            [b'(', rules @ .., b')'] => {
                let mut selector = Selector::new(opens_channels);
                for rule in rules.split(|&byte| has_spaces(&[byte])).filter(|rule| !rule.is_empty())
                {
                    selector.apply(rule)?;
                }
                self.selectors.push(selector);
            }
            _ => self.root.apply(rule)?,
        }
        Ok(())
    }

    fn add_password(&mut self, hash: String) {
        if !self.passwords.contains(&hash) {
            self.passwords.push(hash);
        }
        self.needs_no_password = false;
    }

    fn remove_password(&mut self, hash: &str) -> Result<(), RuleError> {
        let at = self.passwords.iter().position(|other| other == hash);
        self.passwords.remove(at.ok_or(RuleError::NoSuchPassword)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(rules: &[&str]) -> User {
        let mut user = User::new(b"bob", false);
        for rule in rules {
            user.apply(rule.as_bytes(), false).unwrap();
        }
        user
    }

    fn line(rules: &[&str]) -> String {
        String::from_utf8(user(rules).line()).unwrap()
    }

    #[test]
    fn rules_are_written_in_one_way() {
        assert_eq!(line(&[]), "user bob off sanitize-payload resetchannels -@all", "nothing");
        assert_eq!(
            line(&["ON", "nopass", "allkeys", "&*", "+@ALL", "-GET"]),
            "user bob on nopass sanitize-payload ~* &* +@all -get",
            "all but one"
        );
        assert_eq!(
            line(&[
                "%rw~a*",
                "%W~b*",
                "%R~b*",
                "%R~c",
                "(~x +get &y)",
                "clearselectors",
                "(+@read)"
            ]),
            "user bob off sanitize-payload ~a* ~b* %R~c resetchannels -@all (resetchannels -@all +@read)",
            "patterns and selectors"
        );
        assert_eq!(
            line(&["+get", "+config|get", "+@read", "-config", "+get"]),
            "user bob off sanitize-payload resetchannels -@all +@read -config +get",
            "a later rule replaces those on the same command"
        );
    }

    #[test]
    fn the_line_makes_the_same_user_again() {
        let made = user(&["on", ">a", "<a", ">b", "~k*", "+@all", "-@write", "+set", "(+get ~x)"]);
        let line = made.line();
        let words = line.split(|&byte| byte == b' ').skip(2);
        let mut again = User::new(b"bob", false);
        for rule in super::super::merge_selectors(words).unwrap() {
            again.apply(&rule, false).unwrap();
        }
        assert_eq!(again, made, "{}", String::from_utf8_lossy(&line));
    }

    #[test]
    fn passwords_are_kept_as_hashes() {
        let mut bob = user(&["on", ">pass", ">pass"]);
        assert_eq!(
            bob.passwords,
            ["d74ff0ee8da3b9806b18c877dbf29bbde50b5bd8e4dad7a3a725000feb82e8f1"],
            "once"
        );
        assert!(bob.accepts(b"pass") && !bob.accepts(b"other"), "only this one");
        assert_eq!(bob.apply(b"<other", false), Err(RuleError::NoSuchPassword), "never had it");
        assert_eq!(bob.apply(b"#xyz", false), Err(RuleError::BadHash), "no hash");
        bob.apply(b"nopass", false).unwrap();
        assert!(bob.accepts(b"anything"), "needs none");
        bob.apply(b"off", false).unwrap();
        assert!(!bob.accepts(b"anything"), "is off");
    }
}
