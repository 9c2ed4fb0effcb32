//! Latencies as cumulative buckets, how they are merged, and their quantiles.
//!
//! The quantile is Prometheus' `histogram_quantile` for classic histograms (`promql/quantile.go`, `BucketQuantile`):
//! within its bucket a value is taken to be spread evenly; the first bucket begins at zero if its bound is above zero;
//! what is beyond the last finite bound is told as that bound.

/// For each upper bound how many were at most that; bounds ascend, the last one is infinite.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histogram {
    buckets: Vec<(f64, f64)>,
}

impl Histogram {
    /// Buckets in any order: equal bounds are added up, and a count below the one before it is raised to it, since
    /// scrapes of many tellers can be a little out of step. `None` without an infinite bound, or with a count that is
    /// less than zero or not a number.
    pub fn new(buckets: impl IntoIterator<Item = (f64, f64)>) -> Option<Self> {
        let mut sorted: Vec<(f64, f64)> = buckets.into_iter().collect();
        if sorted
            .iter()
            .any(|(bound, count)| bound.is_nan() || *bound == f64::NEG_INFINITY || !count.is_finite() || *count < 0.0)
        {
            return None;
        }
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut merged: Vec<(f64, f64)> = Vec::with_capacity(sorted.len());
        for (bound, count) in sorted {
            match merged.last_mut() {
                Some((same, sum)) if *same == bound => *sum += count,
                _ => merged.push((bound, count)),
            }
        }
        let mut most = 0.0_f64;
        for (_, count) in &mut merged {
            most = most.max(*count);
            *count = most;
        }
        (merged.last()?.0 == f64::INFINITY).then_some(Self { buckets: merged })
    }

    /// An empty one with these bounds, to count into.
    pub fn with_bounds(bounds: &[f64]) -> Self {
        let finite = bounds.iter().copied().filter(|bound| bound.is_finite());
        Self::new(finite.chain([f64::INFINITY]).map(|bound| (bound, 0.0))).unwrap_or_default()
    }

    /// Counts one value.
    pub fn count(&mut self, value: f64) {
        for (_, count) in self.buckets.iter_mut().filter(|(bound, _)| value <= *bound) {
            *count += 1.0;
        }
    }

    /// How many were counted.
    pub fn total(&self) -> f64 {
        self.buckets.last().map_or(0.0, |(_, count)| *count)
    }

    /// The buckets: bound and how many were at most that.
    pub fn buckets(&self) -> &[(f64, f64)] {
        &self.buckets
    }

    /// Both in one. Exact at the bounds that both have; the others cannot be told of the whole and are left out.
    pub fn merge(&self, other: &Self) -> Self {
        if self.buckets.is_empty() || other.buckets.is_empty() {
            return if self.buckets.is_empty() { other.clone() } else { self.clone() };
        }
        Self { buckets: self.shared(other, |own, others| own + others) }
    }

    /// What was counted since an earlier look. A count below the earlier one means a reset: all was counted since.
    pub fn since(&self, earlier: &Self) -> Self {
        if earlier.buckets.is_empty() || self.total() < earlier.total() {
            return self.clone();
        }
        let buckets = self.shared(earlier, |own, before| (own - before).max(0.0));
        Self::new(buckets).unwrap_or_default()
    }

    /// The value below which that share lies, interpolated; `None` when nothing was counted, when there is no finite
    /// bound, or when the share is not within 0 and 1.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let total = self.total();
        if total <= 0.0 || self.buckets.len() < 2 || !(0.0..=1.0).contains(&share) {
            return None;
        }
        let rank = share * total;
        let at = self.buckets.iter().position(|(_, count)| *count > 0.0 && *count >= rank)?;
        let (bound, count) = self.buckets[at];
        if bound == f64::INFINITY {
            return Some(self.buckets[at - 1].0);
        }
        let Some((below, counted)) = at.checked_sub(1).map(|before| self.buckets[before]) else {
            return Some(if bound <= 0.0 { bound } else { bound * rank / count });
        };
        Some(below + (bound - below) * (rank - counted) / (count - counted))
    }

    fn shared(&self, other: &Self, with: impl Fn(f64, f64) -> f64) -> Vec<(f64, f64)> {
        let of_other = |bound: f64| other.buckets.iter().find(|(same, _)| *same == bound).map(|(_, count)| *count);
        self.buckets.iter().filter_map(|(bound, own)| Some((*bound, with(*own, of_other(*bound)?)))).collect()
    }
}
