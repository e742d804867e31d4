//! Who may do what.

use super::Inspector;
use crate::acl::Selector;

/// One set of rules of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SelectorView {
    /// Rules on commands: `-@all +get`.
    pub commands: String,
    /// Patterns of keys: `~user:* %R~log:*`.
    pub keys: String,
    /// Patterns of channels: `&news`.
    pub channels: String,
}

/// One user.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct UserView {
    /// Its name.
    pub name: String,
    /// `on` or `off`, `nopass`, `sanitize-payload`.
    pub flags: Vec<String>,
    /// How many passwords it has.
    pub passwords: usize,
    /// All its rules as ACL LIST writes them.
    pub line: String,
    /// Its own rules first, then those of its selectors: one set that allows a command is enough.
    pub selectors: Vec<SelectorView>,
    /// The connections that have its rights.
    pub clients: Vec<crate::ClientId>,
}

/// The users of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct UsersView {
    /// How many there are.
    pub total: usize,
    /// Up to `limit` of them, by name.
    pub users: Vec<UserView>,
}

impl Inspector<'_> {
    /// Up to `limit` users, by name. O(limit and clients).
    pub fn users(&self, limit: usize) -> UsersView {
        let acl = self.engine.acl();
        let users = acl.users().take(limit).map(|user| {
            let clients = self.engine.clients().iter();
            let is_its = |client: &&crate::client::Client| client.user().name == user.name;
            UserView {
                name: text(&user.name),
                flags: user.flags().into_iter().map(str::to_owned).collect(),
                passwords: user.passwords().len(),
                line: text(&user.line()),
                selectors: user.selectors().map(selector_view).collect(),
                clients: clients.filter(is_its).map(|client| client.id).collect(),
            }
        });
        UsersView { total: acl.users().len(), users: users.collect() }
    }
}

fn selector_view(selector: &Selector) -> SelectorView {
    SelectorView {
        commands: selector.commands(),
        keys: text(&selector.keys()),
        channels: text(&selector.channels()),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use crate::{Engine, Options};

    #[test]
    fn users_are_shown_with_their_rules_and_connections() {
        let mut node = Engine::new(Options::default());
        let ann = node.connect("127.0.0.1:50000");
        node.feed(ann, b"ACL SETUSER bob on >x ~a* +get (%R~b* +@read)\r\n");
        let bob = node.connect("127.0.0.1:50001");
        node.feed(bob, b"AUTH bob x\r\n");
        let view = node.inspect().users(10);
        assert_eq!(view.total, 2, "with the default user");
        let shown = &view.users[0];
        assert_eq!((shown.name.as_str(), shown.passwords), ("bob", 1), "by name");
        assert_eq!(shown.clients, [bob], "who has authenticated");
        assert_eq!(shown.selectors[0].commands, "-@all +get", "its own rules");
        assert_eq!(shown.selectors[1].keys, "%R~b*", "its selector");
        assert_eq!(node.inspect().users(1).users.len(), 1, "no more than asked for");
    }
}
