//! What becomes of requests at one instance: workers, a queue before them, and what is beyond both.
//!
//! A closed form stands for the queue: M/M/c/K in Sakasegawa's approximation, for service times that vary little. So
//! response times climb long before the capacity is reached, and beyond it the queue is full and the rest is shed.

use super::seat::Serving;

/// Requests that may wait at an instance before it sheds.
pub const QUEUE: f64 = 100.0;
/// Service times vary less than an exponential's: it shortens the queue.
const STEADY: f64 = 0.56;
/// Bounds of the histogram of response times, in seconds.
pub const BOUNDS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// What an instance does for a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Work {
    /// Requests that it works on at once.
    pub workers: f64,
    /// Seconds of work for each.
    pub busy: f64,
    /// Seconds that each waits for others while it holds a worker.
    pub idle: f64,
    /// The share that it fails.
    pub error: f64,
}

impl Work {
    /// Requests a second that it can do.
    pub fn capacity(&self) -> f64 {
        self.workers / (self.busy + self.idle)
    }
}

/// What becomes of the requests that an instance is sent, each second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Sent to it.
    pub sent: f64,
    /// Answered well.
    pub ok: f64,
    /// Answered 500.
    pub failed: f64,
    /// Answered 503 because its queue is full.
    pub shed: f64,
    /// Never answered: refused, or nobody there.
    pub refused: f64,
    /// Mean response time of those that were worked on, in seconds.
    pub mean: f64,
    /// Requests in it at a time.
    pub inside: f64,
    /// Cores in use.
    pub cores: f64,
    /// What is asked of it, of what it can do.
    pub fullness: f64,
    /// How narrow the response times lie around their median.
    pub narrow: f64,
}

/// What becomes of a rate of requests.
pub fn outcome(rate: f64, serving: Serving, work: &Work) -> Outcome {
    if serving != Serving::Serves {
        return Outcome { sent: rate, refused: rate, narrow: 5.0, ..Outcome::default() };
    }
    let service = work.busy + work.idle;
    let fullness = if rate > 0.0 { rate / work.capacity() } else { 0.0 };
    let (blocked, waiting) = queue(fullness, work.workers);
    let (shed, done) = (rate * blocked, rate * (1.0 - blocked));
    let wait = if done > 0.0 { waiting / done } else { 0.0 };
    let mean = service + wait;
    Outcome {
        sent: rate,
        ok: done * (1.0 - work.error),
        failed: done * work.error,
        shed,
        refused: 0.0,
        mean,
        inside: done * mean,
        // Two workers keep a core nine tenths busy.
        cores: done * work.busy * 0.45 + 0.004 * work.workers / 2.0,
        fullness,
        narrow: 5.0 - 2.5 * (-((fullness - 0.92) / 0.18).powi(2)).exp(),
    }
}

/// The share that finds the queue full, and how many wait in it.
fn queue(fullness: f64, workers: f64) -> (f64, f64) {
    if fullness > 10.0 {
        return (1.0 - 1.0 / fullness, QUEUE);
    }
    let near = (fullness - 1.0).abs() < 1e-6;
    let full = fullness.powf(QUEUE);
    let (blocked, length) = if near {
        (1.0 / (QUEUE + 1.0), QUEUE / 2.0)
    } else {
        let rest = 1.0 - full * fullness;
        let length = fullness / (1.0 - fullness) - (QUEUE + 1.0) * full * fullness / rest;
        ((1.0 - fullness) * full / rest, length)
    };
    let crowd = fullness.min(1.0).powf((2.0 * (workers + 1.0)).sqrt() - 2.0);
    // Once the queue is full it is full, however steady the service.
    let steady = STEADY + (1.0 - STEADY) * (10.0 * blocked).clamp(0.0, 1.0);
    (blocked.clamp(0.0, 1.0), (length * crowd * steady).clamp(0.0, QUEUE))
}

impl Outcome {
    /// The response time that a share of those worked on does not exceed.
    pub fn quantile(&self, share: f64) -> f64 {
        self.median() * (share / (1.0 - share)).powf(1.0 / self.narrow)
    }

    /// Of a log-logistic distribution with this mean.
    fn median(&self) -> f64 {
        let angle = std::f64::consts::PI / self.narrow;
        self.mean * angle.sin() / angle
    }

    /// How many each second lie at or below each bound, and in all; those shed are the quickest.
    pub fn spread(&self) -> [f64; BOUNDS.len() + 1] {
        let (done, median) = (self.ok + self.failed, self.median());
        let mut spread = [done + self.shed; BOUNDS.len() + 1];
        if done > 0.0 && median > 0.0 {
            for (slot, bound) in spread.iter_mut().zip(BOUNDS) {
                let share = 1.0 / (1.0 + (-self.narrow * (bound / median).ln()).exp());
                *slot = self.shed + done * share;
            }
        }
        spread
    }
}
