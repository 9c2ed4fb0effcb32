//! A number of at least zero in two bytes, within 0.1 % of what it was.
//!
//! Seven bits of exponent, nine of fraction: from 1e-19 to 1.8e19, which holds a microsecond as well as a day's bytes. A
//! day of all metrics of ten thousand instances fits the budget only so.

/// How many bits of an `f32`'s fraction are let go.
const CUT: u32 = 14;
/// What an `f32`'s exponent has more than ours, at our place.
const BIAS: u32 = 64 << 9;
const GAP: u16 = u16::MAX;
const MOST: u16 = u16::MAX - 1;

/// A number, or the word that there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packed(u16);

impl Packed {
    /// There is no number.
    pub const GAP: Packed = Packed(GAP);

    /// The nearest that two bytes can say. What is less than zero is told as zero, and what is not a number as a gap.
    pub fn of(value: f32) -> Self {
        if value.is_nan() {
            return Self::GAP;
        }
        let rounded = (value.max(0.0).to_bits() + (1 << (CUT - 1))) >> CUT;
        Self(u16::try_from(rounded.saturating_sub(BIAS)).unwrap_or(MOST).min(MOST))
    }

    /// The number; `None` for a gap.
    pub fn value(self) -> Option<f32> {
        match self.0 {
            GAP => None,
            0 => Some(0.0),
            bits => Some(f32::from_bits((u32::from(bits) + BIAS) << CUT)),
        }
    }
}
