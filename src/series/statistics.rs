//! Of many numbers one that stands for them, and that a few wild ones cannot move.

/// The quantile of some numbers, interpolated between the two nearest (type 7 of Hyndman and Fan, 1996; what R and
/// NumPy take). `None` of none.
pub fn quantile(numbers: &[f64], share: f64) -> Option<f64> {
    let mut sorted: Vec<f64> = numbers.iter().copied().filter(|number| !number.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let place = share.clamp(0.0, 1.0) * sorted.len().checked_sub(1)? as f64;
    let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    Some(low + (high - low) * place.fract())
}

/// The middle of some numbers.
pub fn median(numbers: &[f64]) -> Option<f64> {
    quantile(numbers, 0.5)
}

/// The mean of some numbers.
pub fn mean(numbers: &[f64]) -> Option<f64> {
    (!numbers.is_empty()).then(|| numbers.iter().sum::<f64>() / numbers.len() as f64)
}

/// The median of the distances from the median (MAD).
pub fn spread(numbers: &[f64]) -> Option<f64> {
    let middle = median(numbers)?;
    let distances: Vec<f64> = numbers.iter().map(|number| (number - middle).abs()).collect();
    median(&distances)
}

/// How many MADs a standard deviation is, for numbers spread normally: 1 / 0.6745.
pub const DEVIATIONS: f64 = 1.4826;
