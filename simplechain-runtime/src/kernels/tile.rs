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

    /// The panels two by two, as one slice each, and the last if their number is odd.
    #[inline(always)]
    pub fn pairs(&mut self) -> (core::slice::ChunksExactMut<'_, V>, Option<&mut [V]>) {
        let pair = 2 * self.rows;
        let even = self.vectors.len() / pair * pair;
        let (even, odd) = self.vectors.split_at_mut(even);
        (
            even.chunks_exact_mut(pair),
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
