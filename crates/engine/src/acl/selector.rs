//! One set of rules: commands, and the keys and channels on which they may be run.

use redarium_structures::glob::matches;
use redarium_structures::ordered::OrderedMap;

use super::command_set::CommandSet;
use super::error::RuleError;
use super::has_spaces;
use crate::command::derive::CATEGORIES;
use crate::command::{CommandSpec, Flags};
use crate::dispatch::Found;
use crate::table::{self, CommandId};

/// A pattern of keys, and whether they may be read and written.
#[derive(Debug, Clone, PartialEq, Eq)]
struct KeyPattern {
    pattern: Vec<u8>,
    may_read: bool,
    may_write: bool,
}

/// What a command does to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyUse {
    pub(crate) reads: bool,
    pub(crate) writes: bool,
}

impl KeyUse {
    /// From the flags of a key specification.
    pub(crate) fn of(flags: &[&str]) -> Self {
        let writes = ["insert", "delete", "update"].iter().any(|flag| flags.contains(flag));
        Self { reads: flags.contains(&"access"), writes }
    }
}

/// A set of rules, complete in itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent rights, each with its own rule")]
pub struct Selector {
    all_commands: bool,
    /// Whether commands may be run that are not there yet.
    future_commands: bool,
    all_keys: bool,
    all_channels: bool,
    commands: CommandSet,
    /// Commands that may be run with one of these words after their names only.
    first_args: OrderedMap<CommandId, Vec<Vec<u8>>>,
    /// Rules on commands after the first, in order: whether they allow, and their text.
    command_rules: Vec<(bool, String)>,
    keys: Vec<KeyPattern>,
    channels: Vec<Vec<u8>>,
}

impl Selector {
    /// Nothing is allowed, other than all channels if that is how a user begins.
    pub(super) fn new(opens_channels: bool) -> Self {
        Self { all_channels: opens_channels, ..Self::default() }
    }

    pub(super) fn with_all_rights() -> Self {
        let mut selector = Self { all_keys: true, ..Self::new(true) };
        selector.allow_all_commands();
        selector
    }

    fn allow_all_commands(&mut self) {
        self.all_commands = true;
        self.future_commands = true;
        self.commands = CommandSet::all();
        self.command_rules.clear();
        self.first_args.clear();
    }

    pub(super) fn allows_all(&self) -> bool {
        self.all_commands && self.all_keys && self.all_channels
    }

    /// Whether all keys and channels may be used, so that a command's words need not be looked at.
    pub(super) fn allows_all_keys(&self) -> bool {
        self.all_keys
    }

    pub(super) fn allows_all_channels(&self) -> bool {
        self.all_channels
    }

    /// Whether a command may be run, whatever its keys are; `first` is the word after its name.
    pub(super) fn allows_command(&self, found: &Found, first: Option<&[u8]>) -> bool {
        self.all_commands
            || found.spec.flags.has(Flags::NO_AUTH)
            || self.commands.contains(found.id)
            || first.is_some_and(|first| {
                self.first_args.get(&found.id).is_some_and(|allowed| {
                    allowed.iter().any(|word| word.eq_ignore_ascii_case(first))
                })
            })
    }

    pub(super) fn allows_key(&self, key: &[u8], usage: KeyUse) -> bool {
        self.all_keys
            || self.keys.iter().any(|pattern| {
                (pattern.may_read || !usage.reads)
                    && (pattern.may_write || !usage.writes)
                    && matches(&pattern.pattern, key, false)
            })
    }

    /// Whether all keys may be used in this way.
    pub(super) fn allows_every_key(&self, usage: KeyUse) -> bool {
        self.all_keys
            || self.keys.iter().any(|pattern| {
                pattern.pattern == b"*"
                    && (pattern.may_read || !usage.reads)
                    && (pattern.may_write || !usage.writes)
            })
    }

    /// Whether a channel may be used; a pattern of channels only if a rule is the same.
    pub(crate) fn allows_channel(&self, channel: &[u8], is_pattern: bool) -> bool {
        self.all_channels
            || self.channels.iter().any(|allowed| {
                if is_pattern { allowed == channel } else { matches(allowed, channel, false) }
            })
    }

    /// Its rules on commands, as ACL GETUSER shows them.
    pub fn commands(&self) -> String {
        let mut text = String::from(if self.future_commands { "+@all" } else { "-@all" });
        for (allows, rule) in &self.command_rules {
            text.push_str(if *allows { " +" } else { " -" });
            text.push_str(rule);
        }
        text
    }

    /// Its patterns of keys.
    pub fn keys(&self) -> Vec<u8> {
        if self.all_keys {
            return b"~*".to_vec();
        }
        let text = |key: &KeyPattern| {
            let sign: &[u8] = match (key.may_read, key.may_write) {
                (true, true) => b"~",
                (true, false) => b"%R~",
                _ => b"%W~",
            };
            [sign, &key.pattern].concat()
        };
        self.keys.iter().map(text).collect::<Vec<_>>().join(&b' ')
    }

    /// Its patterns of channels.
    pub fn channels(&self) -> Vec<u8> {
        if self.all_channels {
            return b"&*".to_vec();
        }
        let text = |channel: &Vec<u8>| [b"&", &**channel].concat();
        self.channels.iter().map(text).collect::<Vec<_>>().join(&b' ')
    }

    /// Rules that would make this selector, as ACL LIST shows them.
    pub(super) fn rules(&self) -> Vec<u8> {
        let reset: &[u8] = if self.all_channels { b"" } else { b"resetchannels" };
        let parts = [self.keys(), reset.to_vec(), self.channels(), self.commands().into_bytes()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(&b' ')
    }

    /// Applies one rule.
    pub(super) fn apply(&mut self, rule: &[u8]) -> Result<(), RuleError> {
        match rule.to_ascii_lowercase().as_slice() {
            b"allkeys" | b"~*" => {
                self.all_keys = true;
                self.keys.clear();
            }
            b"resetkeys" => {
                self.all_keys = false;
                self.keys.clear();
            }
            b"allchannels" | b"&*" => {
                self.all_channels = true;
                self.channels.clear();
            }
            b"resetchannels" => {
                self.all_channels = false;
                self.channels.clear();
            }
            b"allcommands" | b"+@all" => self.allow_all_commands(),
            b"nocommands" | b"-@all" => {
                *self = Self {
                    all_keys: self.all_keys,
                    all_channels: self.all_channels,
                    keys: std::mem::take(&mut self.keys),
                    channels: std::mem::take(&mut self.channels),
                    ..Self::default()
                };
            }
            _ => return self.apply_long(rule),
        }
        Ok(())
    }

    fn apply_long(&mut self, rule: &[u8]) -> Result<(), RuleError> {
        match rule {
            [b'~', pattern @ ..] => self.add_keys(pattern, true, true),
            [b'%', rest @ ..] => self.add_keys_with_rights(rest),
            [b'&', pattern @ ..] => self.add_channels(pattern),
            [b'+', b'@', category @ ..] => self.set_category(category, true),
            [b'-', b'@', category @ ..] => self.set_category(category, false),
            [b'+', name @ ..] => self.allow_command(name),
            [b'-', name @ ..] => {
                let (id, (spec, container)) =
                    table::by_full_name(name).ok_or(RuleError::Unknown)?;
                self.set_command(id, spec, false);
                self.note_rule(false, spec.full_name(container));
                Ok(())
            }
            _ => Err(RuleError::Syntax),
        }
    }

    /// The rest of a rule `%RW~pattern`.
    fn add_keys_with_rights(&mut self, rest: &[u8]) -> Result<(), RuleError> {
        if self.all_keys {
            return Err(RuleError::AfterAllKeys);
        }
        let mut parts = rest.splitn(2, |&byte| byte == b'~');
        let rights = parts.next().unwrap_or_default().to_ascii_uppercase();
        let pattern = parts.next().unwrap_or_default();
        let (may_read, may_write) = match rights.as_slice() {
            b"R" => (true, false),
            b"W" => (false, true),
            b"RW" | b"WR" => (true, true),
            _ => return Err(RuleError::Syntax),
        };
        self.add_keys(pattern, may_read, may_write)
    }

    fn add_keys(
        &mut self,
        pattern: &[u8],
        may_read: bool,
        may_write: bool,
    ) -> Result<(), RuleError> {
        if self.all_keys {
            return Err(RuleError::AfterAllKeys);
        }
        if has_spaces(pattern) {
            return Err(RuleError::Syntax);
        }
        if let Some(known) = self.keys.iter_mut().find(|known| known.pattern == pattern) {
            known.may_read |= may_read;
            known.may_write |= may_write;
        } else {
            self.keys.push(KeyPattern { pattern: pattern.to_vec(), may_read, may_write });
        }
        Ok(())
    }

    fn add_channels(&mut self, pattern: &[u8]) -> Result<(), RuleError> {
        if self.all_channels {
            return Err(RuleError::AfterAllChannels);
        }
        if has_spaces(pattern) {
            return Err(RuleError::Syntax);
        }
        if !self.channels.iter().any(|known| known == pattern) {
            self.channels.push(pattern.to_vec());
        }
        Ok(())
    }

    fn set_category(&mut self, category: &[u8], allows: bool) -> Result<(), RuleError> {
        let category = CATEGORIES
            .iter()
            .find(|known| {
                known.as_bytes().get(1..).is_some_and(|it| it.eq_ignore_ascii_case(category))
            })
            .ok_or(RuleError::Unknown)?;
        for id in 0..table::id_count() as CommandId {
            if let Some((spec, _)) = table::by_id(id)
                && spec.categories().contains(category)
            {
                self.set_command(id, spec, allows);
            }
        }
        self.note_rule(allows, (*category).to_owned());
        Ok(())
    }

    /// Allows a command, a subcommand, or a command with one first argument.
    fn allow_command(&mut self, name: &[u8]) -> Result<(), RuleError> {
        let text = || String::from_utf8_lossy(name).to_ascii_lowercase();
        let Some(at) = name.iter().rposition(|&byte| byte == b'|') else {
            let (id, (spec, _)) = table::by_full_name(name).ok_or(RuleError::Unknown)?;
            self.set_command(id, spec, true);
            self.note_rule(true, text());
            return Ok(());
        };
        let (command, word) =
            (name.get(..at).unwrap_or_default(), name.get(at + 1..).unwrap_or_default());
        let (id, (spec, container)) = table::by_full_name(command).ok_or(RuleError::Unknown)?;
        if container.is_some() {
            return Err(RuleError::FirstArgOfSubcommand);
        }
        if word.is_empty() {
            return Err(RuleError::Syntax);
        }
        if spec.is_container() {
            let (id, (spec, _)) = table::by_full_name(name).ok_or(RuleError::Unknown)?;
            self.set_command(id, spec, true);
        } else {
            let words = self.first_args.get_or_default(id);
            if !words.iter().any(|known| known.eq_ignore_ascii_case(word)) {
                words.push(word.to_vec());
            }
        }
        self.note_rule(true, text());
        Ok(())
    }

    /// Allows or forbids a command with all of its subcommands.
    fn set_command(&mut self, id: CommandId, spec: &CommandSpec, allows: bool) {
        self.all_commands &= allows;
        self.first_args.remove(&id);
        let last = id + spec.subcommands.len() as CommandId;
        for id in id..=last {
            self.commands.set(id, allows);
        }
    }

    /// Keeps a rule's text; those before it on the same command or its subcommands say nothing any more.
    fn note_rule(&mut self, allows: bool, rule: String) {
        self.command_rules.retain(|(_, earlier)| {
            earlier
                .strip_prefix(&*rule)
                .is_none_or(|rest| !(rest.is_empty() || rest.starts_with('|')))
        });
        self.command_rules.push((allows, rule));
    }
}
