//! An expression's value at each step.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use regex::Regex;

use super::super::scrape;
use super::{Expr, Pairing, Refused, Row, Selector, Side, Value, fold, range};
use crate::sim::moment::Moment;
use crate::sim::world::World;

const NAME: &str = "__name__";

pub(super) struct Evaluation<'a> {
    pub(super) world: &'a World,
    pub(super) steps: &'a [Moment],
    /// What was done over windows already: quantiles of one histogram ask for the same again.
    done: RefCell<HashMap<String, Vec<Row>>>,
}

fn wrong(text: impl Into<String>) -> Refused {
    Refused::Execution(text.into())
}

impl<'a> Evaluation<'a> {
    pub(super) fn new(world: &'a World, steps: &'a [Moment]) -> Self {
        Self { world, steps, done: RefCell::default() }
    }

    pub(super) fn value(&self, expr: &Expr) -> Result<Value, Refused> {
        match expr {
            Expr::Number(number) => Ok(Value::Scalar(vec![*number; self.steps.len()])),
            Expr::Select(selector) if selector.window.is_some() => {
                Err(wrong("a range vector is no answer by itself; the simulated Prometheus wants a function around it"))
            }
            Expr::Select(selector) => Ok(Value::Vector(self.select(selector)?)),
            Expr::Minus(inner) => Ok(match self.value(inner)? {
                Value::Scalar(all) => Value::Scalar(all.into_iter().map(|value| -value).collect()),
                Value::Vector(rows) => Value::Vector(each(rows, |value| -value)),
            }),
            Expr::Fold { name, by, without, of } => match self.value(of)? {
                Value::Vector(rows) => Ok(Value::Vector(fold::fold(name, by.as_deref(), without, rows))),
                Value::Scalar(_) => Err(Refused::Parse(format!("expected type instant vector in aggregation {name}"))),
            },
            Expr::Two { sign, left, right, pairing } => combine(sign, self.value(left)?, self.value(right)?, pairing),
            Expr::Call { name, parts } => self.call(name, parts),
            Expr::Text(text) => Err(Refused::Parse(format!("parse error: unexpected string {text:?}"))),
            Expr::Within { .. } => Err(wrong("the simulated Prometheus takes a subquery as a whole query alone")),
        }
    }

    fn call(&self, name: &str, parts: &[Expr]) -> Result<Value, Refused> {
        match (name, parts) {
            (_, [Expr::Select(selector)]) if selector.window.is_some() => {
                let function = range::function(name)
                    .ok_or_else(|| wrong(format!("the simulated Prometheus does not know the function {name}")))?;
                let key = format!("{name} {selector:?}");
                let known = self.done.borrow().get(&key).cloned();
                let rows = known.map_or_else(|| self.over(selector, function), Ok)?;
                self.done.borrow_mut().insert(key, rows.clone());
                Ok(Value::Vector(rows))
            }
            ("histogram_quantile", [Expr::Number(share), inner]) => match self.value(inner)? {
                Value::Vector(rows) => Ok(Value::Vector(fold::quantile(*share, rows))),
                Value::Scalar(_) => {
                    Err(Refused::Parse("expected type instant vector in histogram_quantile".to_owned()))
                }
            },
            ("abs" | "ceil" | "floor", [inner]) => match self.value(inner)? {
                Value::Vector(rows) => Ok(Value::Vector(each(rows, |value| match name {
                    "abs" => value.abs(),
                    "ceil" => value.ceil(),
                    _ => value.floor(),
                }))),
                Value::Scalar(_) => Err(Refused::Parse(format!("expected type instant vector in call to {name}"))),
            },
            ("clamp_min" | "clamp_max", [inner, Expr::Number(bound)]) => match self.value(inner)? {
                Value::Vector(rows) => Ok(Value::Vector(each(rows, |value| match name {
                    "clamp_min" => value.max(*bound),
                    _ => value.min(*bound),
                }))),
                Value::Scalar(_) => Err(Refused::Parse(format!("expected type instant vector in call to {name}"))),
            },
            ("label_replace", [inner, Expr::Text(to), Expr::Text(text), Expr::Text(from), Expr::Text(pattern)]) => {
                let pattern = Regex::new(&format!("^(?s:{pattern})$"))
                    .map_err(|_| wrong("invalid regular expression in label_replace()"))?;
                match self.value(inner)? {
                    Value::Vector(rows) => Ok(Value::Vector(replaced(rows, (to, text), from, &pattern))),
                    Value::Scalar(_) => Err(Refused::Parse("expected type instant vector in label_replace".to_owned())),
                }
            }
            ("time", []) => Ok(Value::Scalar(self.steps.iter().map(|at| at.as_millis() as f64 / 1000.0).collect())),
            _ => Err(wrong(format!("the simulated Prometheus does not know {name} with these arguments"))),
        }
    }

    /// The rows of a name, at the times of scrapes.
    fn scraped(&self, selector: &Selector, times: &[Moment]) -> Result<Vec<Row>, Refused> {
        let name = selector.matchers.iter().filter(|matcher| matcher.label == NAME);
        let names: Vec<String> =
            scrape::names().into_iter().filter(|known| name.clone().all(|matcher| matcher.pleases(known))).collect();
        if name.clone().next().is_none() {
            return Err(wrong("the simulated Prometheus wants a selector to have a metric name"));
        }
        let fits = |label: &str, text: &str| {
            selector.matchers.iter().filter(|matcher| matcher.label == label).all(|matcher| matcher.pleases(text))
        };
        let mut rows = Vec::new();
        for name in names {
            for series in scrape::series(self.world, &name, times, &fits) {
                let complete = |label: &str| series.labels.get(label).map_or("", String::as_str);
                let all = selector.matchers.iter().filter(|matcher| matcher.label != NAME);
                if all.into_iter().all(|matcher| matcher.pleases(complete(&matcher.label))) {
                    let mut labels = series.labels;
                    labels.insert(NAME.to_owned(), name.clone());
                    rows.push(Row { labels, values: series.values });
                }
            }
        }
        Ok(rows)
    }

    /// The newest value before each step; whoever was not told of at the last look has none.
    pub(super) fn select(&self, selector: &Selector) -> Result<Vec<Row>, Refused> {
        let of_step: Vec<Moment> = self.steps.iter().map(|at| look_before(*at, selector.offset)).collect();
        let mut times = of_step.clone();
        times.dedup();
        let rows = self.scraped(selector, &times)?;
        let spread = |row: Row| {
            let value = |at: &Moment| times.binary_search(at).ok().and_then(|place| row.values[place]);
            Row { values: of_step.iter().map(value).collect(), labels: row.labels }
        };
        let begun = self.world.load.begun;
        let rows = rows.into_iter().map(spread).map(|mut row| {
            for (value, at) in row.values.iter_mut().zip(&of_step) {
                *value = value.filter(|_| *at >= begun);
            }
            row
        });
        Ok(rows.filter(|row| row.values.iter().any(Option::is_some)).collect())
    }

    /// A function over windows.
    fn over(&self, selector: &Selector, function: range::Function) -> Result<Vec<Row>, Refused> {
        let window = selector.window.unwrap_or(0);
        let mut times: Vec<Moment> = Vec::new();
        for step in self.steps {
            let end = look_before(*step, selector.offset).as_millis();
            let from = step.as_millis() - selector.offset - window;
            let first = times.last().map_or(i64::MIN, |last| last.as_millis() + scrape::EVERY);
            let first = first.max((from.div_euclid(scrape::EVERY) + 1) * scrape::EVERY);
            let looks = (0..).map(|turn| first + turn * scrape::EVERY).take_while(|at| *at <= end);
            times.extend(looks.map(Moment::from_millis).filter(|at| *at >= self.world.load.begun));
        }
        let rows = self.scraped(selector, &times)?;
        let done = rows.into_iter().map(|mut row| {
            let told: Vec<(i64, f64)> = times
                .iter()
                .zip(&row.values)
                .filter_map(|(at, value)| value.map(|value| (at.as_millis(), value)))
                .collect();
            let values = self.steps.iter().map(|step| {
                let until = step.as_millis() - selector.offset;
                let first = told.partition_point(|(at, _)| *at <= until - window);
                let last = told.partition_point(|(at, _)| *at <= until);
                function(&told[first..last], (until - window, until))
            });
            let values = values.collect();
            row.labels.remove(NAME);
            Row { labels: row.labels, values }
        });
        Ok(done.filter(|row| row.values.iter().any(Option::is_some)).collect())
    }
}

fn look_before(at: Moment, offset: i64) -> Moment {
    Moment::from_millis((at.as_millis() - offset).div_euclid(scrape::EVERY) * scrape::EVERY)
}

/// Every value anew; the name goes, as it is another thing then.
fn each(rows: Vec<Row>, change: impl Fn(f64) -> f64) -> Vec<Row> {
    rows.into_iter()
        .map(|mut row| {
            row.labels.remove(NAME);
            Row { labels: row.labels, values: row.values.iter().map(|value| value.map(&change)).collect() }
        })
        .collect()
}

/// A label of what another holds, where that fits.
fn replaced(rows: Vec<Row>, (to, text): (&str, &str), from: &str, pattern: &Regex) -> Vec<Row> {
    let one = |mut row: Row| {
        let mut told = String::new();
        let held = row.labels.get(from).map_or("", String::as_str);
        if let Some(found) = pattern.captures(held) {
            found.expand(text, &mut told);
            match told.is_empty() {
                true => drop(row.labels.remove(to)),
                false => drop(row.labels.insert(to.to_owned(), told)),
            }
        }
        row
    };
    rows.into_iter().map(one).collect()
}

/// What the left has, and of the right what the left has not at that step.
fn either(mut left: Vec<Row>, right: Vec<Row>, pairing: &Pairing) -> Vec<Row> {
    let known: BTreeMap<_, _> = left.iter().map(|row| (key(&row.labels, pairing), row.values.clone())).collect();
    let rest = right.into_iter().map(|mut row| {
        if let Some(known) = known.get(&key(&row.labels, pairing)) {
            row.values.iter_mut().zip(known).filter(|(_, known)| known.is_some()).for_each(|(value, _)| *value = None);
        }
        row
    });
    left.extend(rest.filter(|row| row.values.iter().any(Option::is_some)));
    left
}

/// What a sign makes of two numbers; a comparison that does not hold leaves out.
fn apply(sign: &str, truth: bool, left: f64, right: f64) -> Option<f64> {
    let compared = |holds: bool| match (truth, holds) {
        (true, _) => Some(f64::from(u8::from(holds))),
        (false, true) => Some(left),
        (false, false) => None,
    };
    match sign {
        "+" => Some(left + right),
        "-" => Some(left - right),
        "*" => Some(left * right),
        "/" => Some(left / right),
        "%" => Some(left % right),
        "^" => Some(left.powf(right)),
        "==" => compared(left == right),
        "!=" => compared(left != right),
        ">" => compared(left > right),
        "<" => compared(left < right),
        ">=" => compared(left >= right),
        _ => compared(left <= right),
    }
}

fn combine(sign: &str, left: Value, right: Value, pairing: &Pairing) -> Result<Value, Refused> {
    let compares = matches!(sign, "==" | "!=" | ">" | "<" | ">=" | "<=");
    Ok(match (left, right) {
        (Value::Vector(left), Value::Vector(right)) if sign == "or" => Value::Vector(either(left, right, pairing)),
        (..) if sign == "or" => {
            return Err(Refused::Parse("set operator \"or\" not allowed in binary scalar expression".to_owned()));
        }
        (Value::Scalar(_), Value::Scalar(_)) if compares && !pairing.truth => {
            return Err(Refused::Parse("comparisons between scalars must use BOOL modifier".to_owned()));
        }
        (Value::Scalar(left), Value::Scalar(right)) => {
            let both = left.into_iter().zip(right);
            Value::Scalar(both.map(|(left, right)| apply(sign, true, left, right).unwrap_or(f64::NAN)).collect())
        }
        (Value::Vector(rows), Value::Scalar(numbers)) => {
            Value::Vector(with_numbers(rows, &numbers, compares && !pairing.truth, |value, number| {
                apply(sign, pairing.truth, value, number)
            }))
        }
        (Value::Scalar(numbers), Value::Vector(rows)) => {
            Value::Vector(with_numbers(rows, &numbers, compares && !pairing.truth, |value, number| {
                let held = apply(sign, pairing.truth, number, value)?;
                Some(if compares && !pairing.truth { value } else { held })
            }))
        }
        (Value::Vector(left), Value::Vector(right)) => Value::Vector(pair(sign, &left, &right, pairing)?),
    })
}

fn with_numbers(rows: Vec<Row>, numbers: &[f64], named: bool, change: impl Fn(f64, f64) -> Option<f64>) -> Vec<Row> {
    rows.into_iter()
        .map(|mut row| {
            if !named {
                row.labels.remove(NAME);
            }
            let values = row.values.iter().zip(numbers).map(|(value, number)| change((*value)?, *number));
            Row { values: values.collect(), labels: row.labels }
        })
        .filter(|row| row.values.iter().any(Option::is_some))
        .collect()
}

fn key(labels: &BTreeMap<String, String>, pairing: &Pairing) -> BTreeMap<String, String> {
    let kept = |name: &String| match &pairing.on {
        Some(on) => on.contains(name),
        None => name != NAME && !pairing.ignoring.contains(name),
    };
    labels.iter().filter(|(name, _)| kept(name)).map(|(name, label)| (name.clone(), label.clone())).collect()
}

/// Two vectors, each series with the one that belongs to it.
fn pair(sign: &str, left: &[Row], right: &[Row], pairing: &Pairing) -> Result<Vec<Row>, Refused> {
    let many_right = pairing.many == Some(Side::Right);
    let (many, one) = if many_right { (right, left) } else { (left, right) };
    let mut ones: BTreeMap<BTreeMap<String, String>, &Row> = BTreeMap::new();
    for row in one {
        if ones.insert(key(&row.labels, pairing), row).is_some() {
            let side = if many_right { "left" } else { "right" };
            let text = "found duplicate series for the match group on the";
            return Err(wrong(format!("{text} {side} hand-side of the operation; many-to-many matching not allowed")));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    let mut rows = Vec::new();
    for row in many {
        let key = key(&row.labels, pairing);
        let Some(other) = ones.get(&key) else { continue };
        if pairing.many.is_none() && !seen.insert(key.clone()) {
            return Err(wrong(
                "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)",
            ));
        }
        let mut labels = if pairing.many.is_some() { row.labels.clone() } else { key };
        labels.remove(NAME);
        for name in &pairing.gives {
            match other.labels.get(name) {
                Some(label) => drop(labels.insert(name.clone(), label.clone())),
                None => drop(labels.remove(name)),
            }
        }
        let both = row.values.iter().zip(&other.values);
        let values = both.map(|(many, one)| match (many, one) {
            (Some(many), Some(one)) if many_right => apply(sign, pairing.truth, *one, *many),
            (Some(many), Some(one)) => apply(sign, pairing.truth, *many, *one),
            _ => None,
        });
        rows.push(Row { labels, values: values.collect() });
    }
    Ok(rows.into_iter().filter(|row| row.values.iter().any(Option::is_some)).collect())
}
