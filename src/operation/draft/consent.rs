//! What one agrees to in a plan, and how two of them differ. States are no part of it: they are looked at again before
//! each call.

use std::collections::BTreeMap;

use crate::operation::change::Change;
use crate::operation::draft::Draft;
use crate::operation::plan::{Plan, Step};

/// What one agrees to: the calls, their order, that nothing speaks against them, the name to be typed, and the freezes
/// and other guard rails that are lifted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent<'a> {
    calls: Vec<&'a Change>,
    clear: bool,
    typed: Option<&'a str>,
    lifted: &'a [String],
    waived: &'a [String],
}

impl Draft {
    /// What one agrees to.
    pub fn consent(&self) -> Consent<'_> {
        consent(&self.plan, self.objections.is_empty(), self.typed.as_deref())
    }

    /// How it differs from what somebody agreed to before, a sentence each. What speaks against it now is not among them.
    pub fn differences(&self, before: &Plan, typed: Option<&str>) -> Vec<String> {
        let (then, now) = (consent(before, true, typed), consent(&self.plan, true, self.typed.as_deref()));
        if then == now {
            return Vec::new();
        }
        let mut told = targets(before, &self.plan);
        if told.is_empty() && then.calls != now.calls {
            told.push("it goes through its targets in another order now".to_owned());
        }
        if then.typed != now.typed {
            told.push(match now.typed {
                Some(name) => format!("it wants {name} typed now"),
                None => "it wants no name typed any more".to_owned(),
            });
        }
        if then.lifted != now.lifted {
            told.push(format!("it lifted the freezes: {}; now: {}", names(then.lifted), names(now.lifted)));
        }
        if then.waived != now.waived {
            told.push(format!("it waived {}; now: {}", names(then.waived), names(now.waived)));
        }
        told
    }
}

fn names(lifted: &[String]) -> String {
    if lifted.is_empty() { "none".to_owned() } else { lifted.join(", ") }
}

fn consent<'a>(plan: &'a Plan, clear: bool, typed: Option<&'a str>) -> Consent<'a> {
    let calls = plan.steps.iter().map(|step| &step.change).collect();
    Consent { calls, clear, typed, lifted: &plan.lifted, waived: &plan.waived }
}

/// By target: which is not changed any more, which has come to it, and to which something else is done.
fn targets(before: &Plan, now: &Plan) -> Vec<String> {
    let (then, now) = (by_target(before), by_target(now));
    let mut told = Vec::new();
    for (id, (name, calls)) in &then {
        match now.get(id) {
            None => told.push(format!("{name} would not be changed any more")),
            Some((_, other)) if !same(calls, other) => {
                told.push(format!("{name}: it was {}; it is {}", spoken(calls), spoken(other)));
            }
            Some(_) => {}
        }
    }
    let come = now.iter().filter(|(id, _)| !then.contains_key(*id));
    told.extend(come.map(|(_, (name, calls))| format!("{name} has come to it: {}", spoken(calls))));
    told
}

type Calls<'a> = BTreeMap<&'a str, (&'a str, Vec<&'a Step>)>;

fn by_target(plan: &Plan) -> Calls<'_> {
    let mut calls = Calls::new();
    for step in &plan.steps {
        let target = &step.target;
        calls.entry(target.id.as_str()).or_insert_with(|| (&target.name, Vec::new())).1.push(step);
    }
    calls
}

fn same(then: &[&Step], now: &[&Step]) -> bool {
    then.iter().map(|step| &step.change).eq(now.iter().map(|step| &step.change))
}

fn spoken(steps: &[&Step]) -> String {
    steps.iter().map(|step| step.told()).collect::<Vec<_>>().join(", ")
}
