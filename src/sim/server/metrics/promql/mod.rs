//! A small evaluator of PromQL: what dashboards of these exporters use, as Prometheus computes it. What it does not know
//! it says, and gives no answer.

mod eval;
mod fold;
mod parse;
mod range;
mod word;

use std::collections::BTreeMap;

use regex::Regex;

use crate::sim::moment::Moment;
use crate::sim::world::World;

pub(super) use parse::{parse, selector};
pub(super) use word::length;

/// Why there is no answer.
#[derive(Clone, Debug)]
pub(super) enum Refused {
    /// It cannot be read.
    Parse(String),
    /// It can be read and not be done.
    Execution(String),
}

/// An expression.
#[derive(Clone, Debug)]
pub(super) enum Expr {
    Number(f64),
    Text(String),
    Select(Selector),
    Call {
        name: String,
        parts: Vec<Expr>,
    },
    Fold {
        name: String,
        by: Option<Vec<String>>,
        without: Vec<String>,
        of: Box<Expr>,
    },
    Two {
        sign: String,
        left: Box<Expr>,
        right: Box<Expr>,
        pairing: Pairing,
    },
    Minus(Box<Expr>),
    /// All values within a window, in milliseconds, by steps of so many, up to so many ago.
    Within {
        of: Box<Expr>,
        window: i64,
        step: i64,
        offset: i64,
    },
}

impl Expr {
    /// Every selector in it.
    pub(super) fn selectors(&mut self, each: &mut impl FnMut(&mut Selector)) {
        match self {
            Self::Number(_) | Self::Text(_) => {}
            Self::Select(selector) => each(selector),
            Self::Call { parts, .. } => parts.iter_mut().for_each(|part| part.selectors(each)),
            Self::Fold { of, .. } | Self::Minus(of) | Self::Within { of, .. } => of.selectors(each),
            Self::Two { left, right, .. } => {
                left.selectors(each);
                right.selectors(each);
            }
        }
    }
}

/// Which series.
#[derive(Clone, Debug, Default)]
pub(super) struct Selector {
    pub(super) matchers: Vec<Matcher>,
    /// Milliseconds of the window, if it is one.
    pub(super) window: Option<i64>,
    /// Milliseconds back.
    pub(super) offset: i64,
}

/// A condition on a label.
#[derive(Clone, Debug)]
pub(super) struct Matcher {
    pub(super) label: String,
    pub(super) text: String,
    pub(super) negative: bool,
    pub(super) pattern: Option<Regex>,
}

impl Matcher {
    pub(super) fn pleases(&self, label: &str) -> bool {
        let same = self.pattern.as_ref().map_or(self.text == label, |pattern| pattern.is_match(label));
        same != self.negative
    }
}

/// Which series of two sides belong together.
#[derive(Clone, Debug, Default)]
pub(super) struct Pairing {
    pub(super) on: Option<Vec<String>>,
    pub(super) ignoring: Vec<String>,
    /// The side that may have several for one of the other.
    pub(super) many: Option<Side>,
    /// Labels that the one gives to the many.
    pub(super) gives: Vec<String>,
    /// Comparisons give 0 and 1 instead of leaving out.
    pub(super) truth: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// What an expression comes to at each step.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Scalar(Vec<f64>),
    Vector(Vec<Row>),
}

/// One series of a result.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) labels: BTreeMap<String, String>,
    pub(super) values: Vec<Option<f64>>,
}

/// Evaluates at times that only go on.
pub(super) fn evaluate(world: &World, expr: &Expr, steps: &[Moment]) -> Result<Value, Refused> {
    eval::Evaluation::new(world, steps).value(expr)
}

/// The series that a selector has at a time, with their names.
pub(super) fn series_at(
    world: &World,
    selector: &Selector,
    at: Moment,
) -> Result<Vec<BTreeMap<String, String>>, Refused> {
    let steps = [at];
    let rows = eval::Evaluation::new(world, &steps).select(selector)?;
    Ok(rows.into_iter().map(|row| row.labels).collect())
}
