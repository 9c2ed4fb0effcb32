//! Plans: what they tell of themselves. What they decide is proved by `app`, `cli` and `simulation`.

use std::time::Duration;

use crate::support::instance::bare;
use stackdeck::base::clock::Timestamp;
use stackdeck::fleet::sources::Place;
use stackdeck::operation::{
    Aim, Change, Credentials, Gate, Intent, Limits, Plan, ProjectName, State, Step, Target, Verb,
};

fn at(text: &str) -> Timestamp {
    format!("2026-11-20T{text}Z").parse().unwrap()
}

/// A plan that stops so many instances; each usually takes twenty seconds.
pub(crate) fn plan(targets: usize) -> Plan {
    let step = |number: usize| Step {
        target: Target {
            id: format!("id-{number}").as_str().into(),
            name: format!("web-{number}"),
            service: "web".into(),
        },
        change: Change::Stop { server: format!("id-{number}").as_str().into() },
        slot: number,
        before: State::of(&bare("id", "web", "p-1")),
        share: None,
        gate: Gate::Well,
        restores: false,
        past_lock: false,
        pools: Vec::new(),
        own: Vec::new(),
    };
    Plan {
        schema: Plan::SCHEMA,
        place: Place { cloud: "prod".into(), region: "here".into() },
        project: "p-1".into(),
        project_name: None,
        intent: Intent { verb: Verb::Stop, aim: Aim::Instances(Vec::new()), reason: None, undrained: false },
        title: "Stop them".to_owned(),
        limits: Limits::default(),
        steps: (0..targets).map(step).collect(),
    }
}

#[test]
fn a_tokens_life_is_held_against_the_plans_length() {
    let ends = Credentials::Token(Some(at("14:01:00")));
    for (targets, now, left, short) in [
        (3, "14:00:00", 60, false),
        (3, "14:00:01", 59, true),
        (4, "14:00:00", 60, true),
        (1, "14:00:39", 21, false),
        (1, "14:02:00", 0, true),
    ] {
        let life = plan(targets).token_life(&ends, at(now)).unwrap();
        assert_eq!(life.wanted, Duration::from_secs(20) * u32::try_from(targets).unwrap());
        assert_eq!((life.left, life.is_short()), (Duration::from_secs(left), short), "{targets} at {now}");
    }
    assert_eq!(plan(9).token_life(&Credentials::Lasting, at("14:00:00")), None);
    assert_eq!(plan(9).token_life(&Credentials::Token(None), at("14:00:00")), None, "nobody tells when it ends");
}

#[test]
fn a_project_is_told_by_name_and_domain_where_they_are_known() {
    let mut plan = plan(1);
    assert_eq!(plan.project_text(), "p-1");
    plan.project_name = Some(ProjectName { name: "payments".into(), domain: None });
    assert_eq!(plan.project_text(), "payments (p-1)");
    plan.project_name = Some(ProjectName { name: "payments".into(), domain: Some("Default".into()) });
    assert_eq!(plan.project_text(), "payments@Default (p-1)");
    let kept = serde_json::to_value(&plan).unwrap();
    assert_eq!(serde_json::from_value::<Plan>(kept.clone()).unwrap(), plan);
    // What an older program has written does not know of it.
    let mut older = kept;
    older.as_object_mut().unwrap().remove("project_name");
    assert_eq!(serde_json::from_value::<Plan>(older).unwrap().project_name, None);
}
