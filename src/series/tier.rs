//! Which steps of time are kept for how long, and what is kept of each.

use crate::series::packed::Packed;

/// One of the four steps of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// 10 s, for 15 minutes.
    Full,
    /// A minute, for an hour.
    Minute,
    /// Five minutes, for six hours.
    FiveMinutes,
    /// 15 minutes, for 26 hours.
    Quarter,
}

impl Tier {
    /// The finest first.
    pub const ALL: [Tier; 4] = [Tier::Full, Tier::Minute, Tier::FiveMinutes, Tier::Quarter];

    /// Seconds of one step.
    pub const fn step(self) -> i64 {
        match self {
            Tier::Full => 10,
            Tier::Minute => 60,
            Tier::FiveMinutes => 300,
            Tier::Quarter => 900,
        }
    }

    /// How many steps are kept.
    pub const fn most(self) -> usize {
        match self {
            Tier::Full => 90,
            Tier::Minute => 60,
            Tier::FiveMinutes => 72,
            Tier::Quarter => 104,
        }
    }

    /// How many seconds are kept.
    pub const fn span(self) -> i64 {
        self.step() * self.most() as i64
    }
}

/// What is known of one step of time: the mean of what was told in it, the least and the most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The mean over the time that is known.
    pub mean: f64,
    /// The least.
    pub min: f64,
    /// The most.
    pub max: f64,
}

impl Point {
    /// One value and no other.
    pub fn of(value: f64) -> Self {
        Self { mean: value, min: value, max: value }
    }

    /// Equal times in one: each weighs the same. `None` when nothing is known of any.
    pub fn fold(points: impl IntoIterator<Item = Point>) -> Option<Point> {
        let mut points = points.into_iter();
        let first = points.next()?;
        let (sum, count) = (first.mean, 1.0);
        let (sum, count, min, max) = points
            .fold((sum, count, first.min, first.max), |(sum, count, min, max), point| {
                (sum + point.mean, count + 1.0, min.min(point.min), max.max(point.max))
            });
        Some(Point { mean: sum / count, min, max })
    }
}

/// What a ring keeps of one step.
pub(crate) trait Cell: Copy {
    /// Nothing was told.
    const GAP: Self;

    /// What was told.
    fn point(self) -> Option<Point>;
}

/// At full step the mean alone.
impl Cell for f32 {
    const GAP: Self = f32::NAN;

    fn point(self) -> Option<Point> {
        (!self.is_nan()).then(|| Point::of(self.into()))
    }
}

/// A point in six bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Coarse {
    mean: Packed,
    min: Packed,
    max: Packed,
}

impl Coarse {
    pub(crate) fn of(point: Point) -> Self {
        let pack = |value: f64| Packed::of(value as f32);
        Self { mean: pack(point.mean), min: pack(point.min), max: pack(point.max) }
    }

    /// With what came too late to be counted: it fills a gap, else it only moves the least and the most.
    pub(crate) fn widened(self, late: Point) -> Self {
        let Some(point) = self.point() else { return Self::of(late) };
        Self::of(Point { mean: point.mean, min: point.min.min(late.min), max: point.max.max(late.max) })
    }
}

impl Cell for Coarse {
    const GAP: Self = Self { mean: Packed::GAP, min: Packed::GAP, max: Packed::GAP };

    fn point(self) -> Option<Point> {
        let told = |packed: Packed| packed.value().map(f64::from);
        Some(Point { mean: told(self.mean)?, min: told(self.min)?, max: told(self.max)? })
    }
}
