//! Users and their rights: who may run which commands on which keys and channels.
//!
//! A [`User`] is never changed but replaced, so that connections and checkpoints share it; whoever replaces one tells the
//! connections (`rights.rs`).
//! This module knows the table of commands, and nothing of keys in memory.

mod channel;
mod command_set;
pub(crate) mod error;
pub(crate) mod file;
pub(crate) mod log;
pub(crate) mod rights;
pub(crate) mod selector;
pub(crate) mod user;

use std::rc::Rc;

use crate::config::Config;
use error::RuleError;
use log::AclLog;
use redarium_structures::ordered::OrderedMap;
pub use selector::Selector;
pub use user::User;

/// The user of connections that have not said who they are.
pub(crate) const DEFAULT_USER: &[u8] = b"default";

/// All users, and what was refused to them.
#[derive(Debug, Clone)]
pub struct Acl {
    users: OrderedMap<Vec<u8>, Rc<User>>,
    pub(crate) log: AclLog,
}

/// The rules of a user, each with its parentheses closed.
pub(crate) type Rules = Vec<Vec<u8>>;

impl Acl {
    /// The default user only, who may do everything and needs the password of `requirepass`, if there is one.
    pub(crate) fn new(config: &Config) -> Self {
        let user = Rc::new(User::with_all_rights(config.requirepass.as_bytes()));
        Self { users: OrderedMap::from([(DEFAULT_USER.to_vec(), user)]), log: AclLog::default() }
    }

    /// No users at all, which is only the beginning of a list.
    fn none() -> Self {
        Self { users: OrderedMap::new(), log: AclLog::default() }
    }

    /// Puts other users in place of all.
    pub(crate) fn replace_all(&mut self, users: OrderedMap<Vec<u8>, Rc<User>>) {
        self.users = users;
    }

    /// The user of connections that have not said who they are.
    pub(crate) fn default_user(&self) -> Rc<User> {
        Rc::clone(self.users.get(DEFAULT_USER).expect("the default user cannot be removed"))
    }

    /// A user by name.
    pub fn user(&self, name: &[u8]) -> Option<&Rc<User>> {
        self.users.get(name)
    }

    /// All users, by name.
    pub fn users(&self) -> impl ExactSizeIterator<Item = &Rc<User>> {
        self.users.values()
    }

    /// The user of this name, if it is on and has this password.
    pub(crate) fn authenticate(&self, name: &[u8], password: &[u8]) -> Option<Rc<User>> {
        self.users.get(name).filter(|user| user.accepts(password)).map(Rc::clone)
    }

    /// Changes a user by rules, or makes one; if a rule is wrong, that rule and why, and nothing is changed.
    pub(crate) fn set_user(
        &mut self,
        name: &[u8],
        rules: &Rules,
        config: &Config,
    ) -> Result<Rc<User>, (Vec<u8>, RuleError)> {
        let opens_channels = config.acl_pubsub_default == "allchannels";
        let mut user = match self.users.get(name) {
            Some(user) => User::clone(user),
            None => User::new(name, opens_channels),
        };
        for rule in rules {
            user.apply(rule, opens_channels).map_err(|error| (rule.clone(), error))?;
        }
        Ok(self.put(user))
    }

    /// Gives the default user a password, or none at all if it is empty, as CONFIG SET requirepass does.
    pub(crate) fn set_default_password(&mut self, password: &[u8]) -> Rc<User> {
        let mut user = User::clone(&self.default_user());
        user.set_only_password(password);
        self.put(user)
    }

    fn put(&mut self, user: User) -> Rc<User> {
        let user = Rc::new(user);
        self.users.insert(user.name.clone(), Rc::clone(&user));
        user
    }

    /// Removes a user; whether there was one.
    pub(crate) fn remove(&mut self, name: &[u8]) -> bool {
        self.users.remove(name).is_some()
    }
}

/// Whether a name or pattern has a space or a zero byte in it, which no list of rules could carry.
pub(crate) fn has_spaces(text: &[u8]) -> bool {
    text.iter().any(|byte| matches!(byte, 0 | b' ' | b'\t'..=b'\r'))
}

/// Puts the words of each selector, from `(` to `)`, together; if one is not closed, its first word.
pub(crate) fn merge_selectors<'a>(
    words: impl Iterator<Item = &'a [u8]>,
) -> Result<Rules, &'a [u8]> {
    let mut rules = Vec::new();
    let mut open: Option<(&[u8], Vec<u8>)> = None;
    for word in words {
        if let Some((_, text)) = &mut open {
            text.push(b' ');
            text.extend_from_slice(word);
        } else if word.starts_with(b"(") && !word.ends_with(b")") {
            open = Some((word, word.to_vec()));
            continue;
        } else {
            rules.push(word.to_vec());
            continue;
        }
        if word.ends_with(b")")
            && let Some((_, text)) = open.take()
        {
            rules.push(text);
        }
    }
    match open {
        Some((first, _)) => Err(first),
        None => Ok(rules),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(words: &[&str]) -> Result<Vec<String>, String> {
        merge_selectors(words.iter().map(|word| word.as_bytes()))
            .map(|rules| rules.into_iter().map(|rule| String::from_utf8(rule).unwrap()).collect())
            .map_err(|first| String::from_utf8(first.to_vec()).unwrap())
    }

    #[test]
    fn selectors_are_one_rule_each() {
        assert_eq!(
            rules(&["on", "(+get", "~a*)", "(+set)", ">x"]).unwrap(),
            ["on", "(+get ~a*)", "(+set)", ">x"],
            "joined"
        );
        assert_eq!(rules(&["on", "(+get", "~a*"]).unwrap_err(), "(+get", "not closed");
    }

    #[test]
    fn a_wrong_rule_changes_nothing() {
        let config = Config::default();
        let mut acl = Acl::new(&config);
        let before = acl.default_user();
        let wrong = acl.set_user(DEFAULT_USER, &vec![b"off".to_vec(), b"+none".to_vec()], &config);
        assert_eq!(wrong.unwrap_err(), (b"+none".to_vec(), RuleError::Unknown), "the second");
        assert!(Rc::ptr_eq(&before, &acl.default_user()), "still the same");
    }
}
