//! The depth to which a recursion may go.

/// The levels that are left. Every recursion that follows references takes one,
/// so that none depends on what a document refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Depth(usize);

impl Depth {
    /// `levels` levels.
    pub(crate) const fn new(levels: usize) -> Self {
        Self(levels)
    }

    /// One level less; `None` at the bottom.
    pub(crate) fn down(self) -> Option<Self> {
        self.0.checked_sub(1).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::Depth;

    #[test]
    fn it_ends() {
        let levels = std::iter::successors(Depth::new(3).down(), |left| left.down());
        assert_eq!(levels.count(), 3);
    }
}
