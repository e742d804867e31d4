//! Names that begin in some way: fields, members, groups, channels; for completing a command that is being typed.

use redarium_structures::list_pack::ListPackValue;

use crate::config::Config;
use crate::pubsub::Kind;
use crate::types::hash::Hash;
use crate::value::{Type, Value};

use super::Inspector;

/// Elements that are looked at for one answer. A person waits for it at every key that is pressed.
const WALK_MAX: usize = 4096;

/// Which names are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Naming {
    /// The fields of a hash.
    Fields,
    /// The members of a set or sorted set.
    Members,
    /// The groups of a stream.
    Groups,
    /// The consumers of this group of a stream.
    Consumers(Vec<u8>),
    /// Channels that somebody listens to.
    Channels,
    /// Shard channels that somebody listens to.
    ShardChannels,
    /// Parameters of CONFIG.
    Parameters,
    /// Users.
    Users,
}

impl<'a> Inspector<'a> {
    /// Up to `limit` names that begin with `start`, in order; those inside of a key are of `key`.
    ///
    /// Of a large value only the first few thousand elements are looked at. O(limit) beyond that.
    pub fn names(
        &self,
        db: usize,
        key: &[u8],
        of: &Naming,
        start: &[u8],
        limit: usize,
    ) -> Vec<Vec<u8>> {
        let engine = self.engine;
        let channels = |kind| engine.pubsub().names(kind).map(|name| name.to_vec());
        let all: Box<dyn Iterator<Item = Vec<u8>> + 'a> = match (of, self.value(db, key)) {
            (Naming::Fields, Some(Value::Hash(hash))) => Box::new(fields(hash)),
            (Naming::Members, Some(Value::Set(set))) => {
                Box::new(set.iter().map(ListPackValue::to_vec))
            }
            (Naming::Members, Some(Value::ZSet(set))) => {
                Box::new(set.walk(false).map(|(member, _)| member.to_vec()))
            }
            (Naming::Groups, Some(Value::Stream(stream))) => {
                Box::new(stream.groups().map(|(name, _)| name.to_vec()))
            }
            (Naming::Consumers(group), Some(Value::Stream(stream))) => {
                let group = stream.group(group).into_iter();
                Box::new(group.flat_map(|group| group.consumers().map(|it| it.name.to_vec())))
            }
            (Naming::Channels, _) => Box::new(channels(Kind::Channel)),
            (Naming::ShardChannels, _) => Box::new(channels(Kind::Shard)),
            (Naming::Parameters, _) => {
                Box::new(Config::params().map(|param| param.name.as_bytes().to_vec()))
            }
            (Naming::Users, _) => Box::new(engine.acl().users().map(|user| user.name.clone())),
            _ => return Vec::new(),
        };
        let mut names: Vec<_> =
            all.take(WALK_MAX).filter(|name| name.starts_with(start)).take(limit).collect();
        names.sort_unstable();
        names
    }

    /// The type of a key. O(1).
    pub fn type_of(&self, db: usize, key: &[u8]) -> Option<Type> {
        Some(self.value(db, key)?.type_of())
    }

    fn value(self, db: usize, key: &[u8]) -> Option<&'a Value> {
        let database = self.engine.databases().get(db)?;
        Some(&database.entry(database.find(self.engine.hash_seed(), key)?).value)
    }
}

fn fields(hash: &Hash) -> impl Iterator<Item = Vec<u8>> {
    hash.iter().map(|field| field.name.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Engine, Options};

    #[test]
    fn names_are_found_by_their_beginning() {
        let mut node = Engine::new(Options::default());
        let client = node.connect("test");
        node.feed(
            client,
            b"HSET h name ana age 31 nick an\r\nSADD s nora bo\r\nZADD z 1 nemo 2 bo\r\n\
              XGROUP CREATE x night $ MKSTREAM\r\nXGROUP CREATECONSUMER x night nina\r\n\
              SUBSCRIBE news\r\n",
        );
        let names = |key: &str, of: Naming, start: &str, limit| -> Vec<String> {
            let found = node.inspect().names(0, key.as_bytes(), &of, start.as_bytes(), limit);
            found.into_iter().map(|name| String::from_utf8(name).unwrap()).collect()
        };
        assert_eq!(names("h", Naming::Fields, "n", 9), ["name", "nick"]);
        assert_eq!(names("h", Naming::Fields, "", 9).len(), 3, "all");
        assert_eq!(names("h", Naming::Fields, "", 2).len(), 2, "not more than wanted");
        assert_eq!(names("s", Naming::Members, "n", 9), ["nora"]);
        assert_eq!(names("z", Naming::Members, "n", 9), ["nemo"]);
        assert_eq!(names("x", Naming::Groups, "n", 9), ["night"]);
        assert_eq!(names("x", Naming::Consumers(b"night".to_vec()), "n", 9), ["nina"]);
        assert_eq!(names("", Naming::Channels, "n", 9), ["news"]);
        assert_eq!(names("", Naming::Parameters, "maxmemory-p", 9), ["maxmemory-policy"]);
        assert_eq!(names("", Naming::Users, "d", 9), ["default"]);
        assert_eq!(names("s", Naming::Fields, "", 9), [""; 0], "a set has no fields");
    }
}
