//! The bucket array of a hash table: heads of chains, in pages that are copied on write.
//!
//! A page nobody has written to is one shared page of zeros, so a table of any size is made in the
//! time it takes to count its pages, and a checkpoint costs a pointer per page.

use std::rc::Rc;

/// Buckets in a page.
const PAGE: usize = 1024;
const PAGE_BITS: u32 = PAGE.trailing_zeros();

/// The head of a chain or a link in one: an arena id, or none. Zero is none, so that fresh memory is
/// a row of empty buckets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Link(u32);

impl Link {
    pub(crate) const NONE: Self = Self(0);

    #[inline]
    pub(crate) fn to(id: u32) -> Self {
        Self(!id)
    }

    #[inline]
    pub(crate) fn id(self) -> Option<u32> {
        if self.0 == 0 { None } else { Some(!self.0) }
    }
}

/// An array of `len` links, a power of two or zero.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buckets {
    pages: Vec<Rc<[Link]>>,
    /// What unwritten pages point to; none when there is a single page.
    blank: Option<Rc<[Link]>>,
    len: usize,
}

impl Buckets {
    pub(crate) fn new(len: usize) -> Self {
        debug_assert!(len.is_power_of_two(), "a mask picks the bucket");
        let page: Rc<[Link]> = (0..len.min(PAGE)).map(|_| Link::NONE).collect();
        let blank = (len > PAGE).then(|| Rc::clone(&page));
        Self { pages: vec![page; len.div_ceil(PAGE)], blank, len }
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The bucket that a hash belongs to; there must be one.
    #[inline]
    pub(crate) fn index(&self, hash: u32) -> usize {
        hash as usize & (self.len - 1)
    }

    #[inline]
    pub(crate) fn get(&self, index: usize) -> Link {
        self.pages[index >> PAGE_BITS][index & (PAGE - 1)]
    }

    #[inline]
    pub(crate) fn set(&mut self, index: usize, link: Link) {
        Rc::make_mut(&mut self.pages[index >> PAGE_BITS])[index & (PAGE - 1)] = link;
    }

    /// Gives the memory of the page back that ends before `index`; all its buckets must be empty.
    pub(crate) fn forget_page_before(&mut self, index: usize) {
        if let Some(blank) = &self.blank
            && index > 0
            && index.is_multiple_of(PAGE)
        {
            self.pages[(index >> PAGE_BITS) - 1] = Rc::clone(blank);
        }
    }

    /// The first bucket at or after `index` that is not empty; unwritten pages are skipped whole.
    pub(crate) fn next_filled(&self, mut index: usize) -> Option<usize> {
        while index < self.len {
            let page = &self.pages[index >> PAGE_BITS];
            if self.is_blank(page) {
                index = (index / PAGE + 1) * PAGE;
            } else if page[index & (PAGE - 1)] == Link::NONE {
                index += 1;
            } else {
                return Some(index);
            }
        }
        None
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        let written = self.pages.iter().filter(|page| !self.is_blank(page)).count();
        let page = self.len.min(PAGE) * size_of::<Link>() + 2 * size_of::<usize>();
        (written + usize::from(self.blank.is_some())) * page
            + self.pages.capacity() * size_of::<Rc<[Link]>>()
    }

    fn is_blank(&self, page: &Rc<[Link]>) -> bool {
        self.blank.as_ref().is_some_and(|blank| Rc::ptr_eq(page, blank))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_cost_memory_only_when_written() {
        let mut buckets = Buckets::new(1 << 20);
        let blank = buckets.heap_bytes();
        assert!(blank < 32 * 1024, "{blank} bytes of page table");
        buckets.set(5_000, Link::to(0));
        assert_eq!(buckets.get(5_000).id(), Some(0), "id 0 is not none");
        assert_eq!(buckets.get(5_001).id(), None, "its neighbour is empty");
        assert_eq!(buckets.next_filled(0), Some(5_000), "found across blank pages");
        assert_eq!(buckets.next_filled(5_001), None, "nothing after it");
        assert!(buckets.heap_bytes() > blank, "one page");
        buckets.set(5_000, Link::NONE);
        buckets.forget_page_before(5_120);
        assert_eq!(buckets.heap_bytes(), blank, "given back");
    }
}
