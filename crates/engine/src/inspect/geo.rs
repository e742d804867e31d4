//! The places of a sorted set whose scores are geohashes.

use super::Inspector;
use super::skip_list::NODES_MAX;
use crate::types::geohash::Place;

/// A window into the places of a sorted set.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GeoView {
    /// Members in all.
    pub len: u64,
    /// Members in order, from the rank that was asked for.
    pub members: Vec<GeoMemberView>,
}

/// A member and its place.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GeoMemberView {
    /// The node, as in `SkipListNodeView`.
    pub id: u32,
    /// The member.
    #[cfg_attr(feature = "serde", serde(with = "super::text"))]
    pub member: Vec<u8>,
    /// Its score: 52 bits, of longitude and latitude in turn.
    pub score: f64,
    /// Degrees, east is positive.
    pub longitude: f64,
    /// Degrees, north is positive.
    pub latitude: f64,
    /// The eleven characters that GEOHASH answers.
    pub hash: String,
}

impl Inspector<'_> {
    /// Up to `count` members (and no more than [`NODES_MAX`]) of the sorted set at `key` from a rank on, with the places
    /// that their scores mean; `None` if there is none. Any score means some place. O(log N + count).
    pub fn geo(&self, db: usize, key: &[u8], from_rank: usize, count: usize) -> Option<GeoView> {
        let view = self.skip_list(db, key, from_rank, count.min(NODES_MAX))?;
        let members = view.nodes.into_iter().map(|node| {
            let place = Place::from_score(node.score);
            GeoMemberView {
                id: node.id,
                member: node.member,
                score: node.score,
                longitude: place.longitude,
                latitude: place.latitude,
                hash: String::from_utf8_lossy(&place.text()).into_owned(),
            }
        });
        Some(GeoView { len: view.len, members: members.collect() })
    }
}

#[cfg(test)]
mod tests {
    use crate::{Engine, Options};

    #[test]
    fn members_stand_where_their_scores_say() {
        let mut node = Engine::new(Options::default());
        let client = node.connect("test");
        node.feed(client, b"GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania\r\n");
        let view = node.inspect().geo(0, b"g", 0, 9).unwrap();
        let palermo = &view.members[0];
        assert_eq!((view.len, palermo.member.as_slice()), (2, b"Palermo".as_slice()), "in order");
        assert!((palermo.longitude - 13.361_389).abs() < 1e-5, "{palermo:?}");
        assert!((palermo.latitude - 38.115_556).abs() < 1e-5, "{palermo:?}");
        assert_eq!(palermo.hash, "sqc8b49rny0", "as GEOHASH says");
        let window = node.inspect().geo(0, b"g", 1, 9).unwrap();
        assert_eq!(window.members, view.members[1..], "a window");
        assert_eq!(node.inspect().geo(0, b"x", 0, 9), None, "no key");
    }
}
