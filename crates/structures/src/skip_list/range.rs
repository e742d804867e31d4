//! Ranges of a skip list: by score, by member, by rank.

use super::{Candidate, HEAD, Path, SkipList, SkipListStep};
use crate::bytes::Bytes;
use crate::trace::{NoTrace, Trace};

/// An interval of scores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoreRange {
    /// The lowest score.
    pub min: f64,
    /// The highest score.
    pub max: f64,
    /// True when `min` itself is not in the range.
    pub min_exclusive: bool,
    /// True when `max` itself is not in the range.
    pub max_exclusive: bool,
}

impl ScoreRange {
    /// Every score.
    pub const ALL: Self = Self {
        min: f64::NEG_INFINITY,
        max: f64::INFINITY,
        min_exclusive: false,
        max_exclusive: false,
    };

    /// True when `score` is not below the range.
    #[inline]
    pub fn reaches_min(&self, score: f64) -> bool {
        if self.min_exclusive { score > self.min } else { score >= self.min }
    }

    /// True when `score` is not above the range.
    #[inline]
    pub fn reaches_max(&self, score: f64) -> bool {
        if self.max_exclusive { score < self.max } else { score <= self.max }
    }

    /// True when `score` is in the range.
    pub fn contains(&self, score: f64) -> bool {
        self.reaches_min(score) && self.reaches_max(score)
    }
}

/// One end of an interval of members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LexBound {
    /// Before every member: `-`.
    NegInfinity,
    /// After every member: `+`.
    PosInfinity,
    /// This member and on: `[member`.
    Inclusive(Bytes),
    /// What lies beyond this member: `(member`.
    Exclusive(Bytes),
}

/// An interval of members; it means something only among members of equal scores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LexRange {
    /// The lower end.
    pub min: LexBound,
    /// The upper end.
    pub max: LexBound,
}

impl LexRange {
    /// True when `member` is not below the range.
    pub fn reaches_min(&self, member: &[u8]) -> bool {
        match &self.min {
            LexBound::NegInfinity => true,
            LexBound::PosInfinity => false,
            LexBound::Inclusive(min) => member >= min.as_slice(),
            LexBound::Exclusive(min) => member > min.as_slice(),
        }
    }

    /// True when `member` is not above the range.
    pub fn reaches_max(&self, member: &[u8]) -> bool {
        match &self.max {
            LexBound::NegInfinity => false,
            LexBound::PosInfinity => true,
            LexBound::Inclusive(max) => member <= max.as_slice(),
            LexBound::Exclusive(max) => member < max.as_slice(),
        }
    }

    /// True when `member` is in the range.
    pub fn contains(&self, member: &[u8]) -> bool {
        self.reaches_min(member) && self.reaches_max(member)
    }
}

impl SkipList {
    /// The first node in a range of scores. O(log N).
    pub fn first_in_score_range(
        &self,
        range: &ScoreRange,
        trace: &mut impl Trace<SkipListStep>,
    ) -> Option<u32> {
        let id = self.after(|next| !range.reaches_min(next.score), trace)?;
        range.reaches_max(self.score(id)).then_some(id)
    }

    /// The last node in a range of scores. O(log N).
    pub fn last_in_score_range(
        &self,
        range: &ScoreRange,
        trace: &mut impl Trace<SkipListStep>,
    ) -> Option<u32> {
        let id = self.last_while(|next| range.reaches_max(next.score), trace)?;
        range.reaches_min(self.score(id)).then_some(id)
    }

    /// The first node in a range of members. O(log N).
    pub fn first_in_lex_range(
        &self,
        range: &LexRange,
        trace: &mut impl Trace<SkipListStep>,
    ) -> Option<u32> {
        let id = self.after(|next| !range.reaches_min(self.member(next.node)), trace)?;
        range.reaches_max(self.member(id)).then_some(id)
    }

    /// The last node in a range of members. O(log N).
    pub fn last_in_lex_range(
        &self,
        range: &LexRange,
        trace: &mut impl Trace<SkipListStep>,
    ) -> Option<u32> {
        let id = self.last_while(|next| range.reaches_max(self.member(next.node)), trace)?;
        range.reaches_min(self.member(id)).then_some(id)
    }

    /// Removes the nodes with ranks from `start` to `end` (both from 0 and included), telling each
    /// just before, and returns how many. O(log N) and O(level) for each removed.
    pub fn delete_range_by_rank(
        &mut self,
        start: u32,
        end: u32,
        on_delete: impl FnMut(u32, &Bytes),
    ) -> usize {
        let path = self.path_while(|next| next.rank <= start, &mut NoTrace);
        let mut ranks = start..=end;
        self.delete_after(&path, |_, _| ranks.next().is_some(), on_delete)
    }

    /// Removes the nodes in a range of scores, telling each just before, and returns how many.
    /// O(log N) and O(level) for each removed.
    pub fn delete_range_by_score(
        &mut self,
        range: &ScoreRange,
        on_delete: impl FnMut(u32, &Bytes),
    ) -> usize {
        let path = self.path_while(|next| !range.reaches_min(next.score), &mut NoTrace);
        self.delete_after(&path, |list, id| range.reaches_max(list.score(id)), on_delete)
    }

    /// Removes the nodes in a range of members, telling each just before, and returns how many.
    /// O(log N) and O(level) for each removed.
    pub fn delete_range_by_lex(
        &mut self,
        range: &LexRange,
        on_delete: impl FnMut(u32, &Bytes),
    ) -> usize {
        let is_before = |next: Candidate| !range.reaches_min(self.member(next.node));
        let path = self.path_while(is_before, &mut NoTrace);
        self.delete_after(&path, |list, id| range.reaches_max(list.member(id)), on_delete)
    }

    /// The node after those for which `is_before` holds.
    fn after(
        &self,
        is_before: impl FnMut(Candidate) -> bool,
        trace: &mut impl Trace<SkipListStep>,
    ) -> Option<u32> {
        let (id, _) = self.seek(is_before, |_, _, _| {}, trace);
        self.next(id)
    }

    /// The last node for which `is_in` holds.
    fn last_while(
        &self,
        is_in: impl FnMut(Candidate) -> bool,
        trace: &mut impl Trace<SkipListStep>,
    ) -> Option<u32> {
        let (id, _) = self.seek(is_in, |_, _, _| {}, trace);
        (id != HEAD).then_some(id)
    }

    /// Removes nodes after the end of `path` while `in_range` holds. The nodes of the path stay, so
    /// it leads to each next victim as well.
    fn delete_after(
        &mut self,
        path: &Path,
        mut in_range: impl FnMut(&Self, u32) -> bool,
        mut on_delete: impl FnMut(u32, &Bytes),
    ) -> usize {
        let (before, _) = path[0];
        let mut deleted = 0;
        while let Some(id) = self.next(before)
            && in_range(self, id)
        {
            on_delete(id, self.member(id));
            self.unlink(id, path, &mut NoTrace);
            self.forget(id);
            deleted += 1;
        }
        deleted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    fn bound(rng: &mut Rng) -> LexBound {
        let member = Bytes::from(format!("{}", rng.below(120)).as_str());
        match rng.below(6) {
            0 => LexBound::NegInfinity,
            1 => LexBound::PosInfinity,
            2 | 3 => LexBound::Inclusive(member),
            _ => LexBound::Exclusive(member),
        }
    }

    fn list_of(members: u64, scores: u64, rng: &mut Rng) -> SkipList {
        let mut list = SkipList::new();
        for n in 0..members {
            let score = rng.below(scores) as f64;
            list.insert(score, Bytes::from(n.to_string()), rng, &mut NoTrace);
        }
        list
    }

    fn names(list: &SkipList) -> Vec<Bytes> {
        list.iter().map(|id| list.member(id).clone()).collect()
    }

    /// Checks a deletion against what a plain filter leaves and takes.
    fn agrees(
        before: &SkipList,
        after: &SkipList,
        deleted: &[Bytes],
        doomed: &dyn Fn(u32) -> bool,
    ) {
        after.check();
        let pick = |wanted: bool| {
            before
                .iter()
                .filter(move |&id| doomed(id) == wanted)
                .map(|id| before.member(id).clone())
        };
        assert!(pick(true).eq(deleted.iter().cloned()), "the deleted, in order");
        assert!(pick(false).eq(names(after)), "the others, in order");
    }

    #[test]
    fn score_ranges_do_what_a_filter_does() {
        let mut rng = Rng::new(5);
        for _ in 0..400 {
            let size = rng.below(80);
            let list = list_of(size, 20, &mut rng);
            let range = ScoreRange {
                min: rng.below(22) as f64 - 1.0,
                max: rng.below(22) as f64 - 1.0,
                min_exclusive: rng.below(2) == 0,
                max_exclusive: rng.below(2) == 0,
            };
            let mut hits = list.iter().filter(|&id| range.contains(list.score(id)));
            assert_eq!(list.first_in_score_range(&range, &mut NoTrace), hits.next(), "{range:?}");
            let last = list.iter().filter(|&id| range.contains(list.score(id))).last();
            assert_eq!(list.last_in_score_range(&range, &mut NoTrace), last, "{range:?}");
            let (mut rest, mut deleted) = (list.clone(), Vec::new());
            let count =
                rest.delete_range_by_score(&range, |_, member| deleted.push(member.clone()));
            assert_eq!(count, deleted.len(), "{range:?}");
            agrees(&list, &rest, &deleted, &|id| range.contains(list.score(id)));
        }
    }

    #[test]
    fn lex_ranges_do_what_a_filter_does() {
        let mut rng = Rng::new(6);
        for _ in 0..400 {
            let size = rng.below(120);
            let list = list_of(size, 1, &mut rng);
            let range = LexRange { min: bound(&mut rng), max: bound(&mut rng) };
            let is_hit = |&id: &u32| range.contains(list.member(id));
            let first = list.first_in_lex_range(&range, &mut NoTrace);
            assert_eq!(first, list.iter().find(is_hit), "{range:?}");
            let last = list.last_in_lex_range(&range, &mut NoTrace);
            assert_eq!(last, list.iter().filter(is_hit).last(), "{range:?}");
            let (mut rest, mut deleted) = (list.clone(), Vec::new());
            let count = rest.delete_range_by_lex(&range, |_, member| deleted.push(member.clone()));
            assert_eq!(count, deleted.len(), "{range:?}");
            agrees(&list, &rest, &deleted, &|id| is_hit(&id));
        }
    }

    #[test]
    fn rank_ranges_do_what_a_filter_does() {
        let mut rng = Rng::new(7);
        for _ in 0..400 {
            let size = rng.below(80);
            let list = list_of(size, 20, &mut rng);
            let (start, end) = (rng.below(90) as u32, rng.below(90) as u32);
            let (mut rest, mut deleted) = (list.clone(), Vec::new());
            rest.delete_range_by_rank(start, end, |_, member| deleted.push(member.clone()));
            let doomed = |id| (start..=end).contains(&list.rank(id, &mut NoTrace));
            agrees(&list, &rest, &deleted, &doomed);
        }
        let mut list = list_of(10, 5, &mut rng);
        assert_eq!(list.delete_range_by_rank(0, u32::MAX, |_, _| {}), 10, "all of them");
        list.check();
    }
}
