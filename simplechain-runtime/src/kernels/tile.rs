//! Consecutive panels of samples.

/// Panels with the same number of rows: what passes through a chain at once, one sample per lane.
pub struct Tile<'a, V> {
    vectors: &'a mut [V],
    rows: usize,
}

impl<'a, V> Tile<'a, V> {
    /// Vectors as panels of `rows` rows.
    #[inline(always)]
    pub fn new(vectors: &'a mut [V], rows: usize) -> Self {
        Self { vectors, rows }
    }

    /// The number of panels.
    #[inline(always)]
    pub fn count(&self) -> usize {
        self.vectors.len() / self.rows
    }

    /// The panels in order.
    #[inline(always)]
    pub fn panels(&mut self) -> core::slice::ChunksExactMut<'_, V> {
        self.vectors.chunks_exact_mut(self.rows)
    }

    /// The panels two by two, and the last if their number is odd.
    #[inline(always)]
    pub fn pairs(&mut self) -> (impl Iterator<Item = (&mut [V], &mut [V])>, Option<&mut [V]>) {
        let rows = self.rows;
        let even = self.vectors.len() / (2 * rows) * 2 * rows;
        let (even, odd) = self.vectors.split_at_mut(even);
        (
            even.chunks_exact_mut(2 * rows)
                .map(move |pair| pair.split_at_mut(rows)),
            (!odd.is_empty()).then_some(odd),
        )
    }

    /// The first panel.
    #[inline(always)]
    pub fn first(&mut self) -> &mut [V] {
        &mut self.vectors[..self.rows]
    }

    /// Reborrows the tile for a callee.
    #[inline(always)]
    pub fn reborrow(&mut self) -> Tile<'_, V> {
        Tile::new(self.vectors, self.rows)
    }
}
