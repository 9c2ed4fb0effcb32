//! What must be said before anything is done.

use std::collections::VecDeque;

use clap::Parser as _;
use stackdeck::base::failure::{Failure, FailureKind};
use stackdeck::cli::args::changes::Change;
use stackdeck::cli::args::{Arguments, Verb};
use stackdeck::cli::change::consent::{Asked, consent, possible, ticket};
use stackdeck::fleet::sources::Place;
use stackdeck::operation::{Aim, Draft, Intent, Limits, Plan, Verb as Do};
use stackdeck::worker::Outlives;

fn change(flags: &[&str]) -> Change {
    let line = ["stackdeck", "stop", "web-1"].iter().chain(flags);
    match Arguments::try_parse_from(line).unwrap().verb {
        Some(Verb::Stop(change)) => change,
        other => panic!("{other:?}"),
    }
}

fn draft(typed: Option<&str>, ticket: bool) -> Draft {
    let plan = Plan {
        schema: Plan::SCHEMA,
        place: Place { cloud: "prod".into(), region: "here".into() },
        project: "p".into(),
        project_name: None,
        intent: Intent::new(Do::Stop, Aim::Instances(Vec::new())),
        title: "Stop web-1".to_owned(),
        limits: Limits::default(),
        checkpoint: false,
        lifted: Vec::new(),
        waived: Vec::new(),
        former: None,
        approval: None,
        saved: None,
        steps: Vec::new(),
    };
    Draft {
        plan,
        objections: Vec::new(),
        notes: Vec::new(),
        typed: typed.map(str::to_owned),
        ticket,
        pattern: None,
        unapproved: None,
    }
}

/// Somebody who says these, one after the other, and then nothing more.
struct Says(VecDeque<&'static str>);

impl Asked for Says {
    fn ask(&mut self, _: &str) -> Option<String> {
        self.0.pop_front().map(str::to_owned)
    }
}

fn told(
    draft: &Draft,
    lives: &Outlives,
    flags: &[&str],
    says: Option<&'static [&'static str]>,
) -> Result<bool, Failure> {
    let mut somebody = says.map(|lines| Says(lines.iter().copied().collect()));
    consent(draft, lives, &change(flags), somebody.as_mut().map(|one| one as &mut dyn Asked))
}

#[test]
fn only_an_explicit_yes_starts_it() {
    let (plan, lives) = (draft(None, false), Outlives::Yes(String::new()));
    for (says, starts) in
        [("y", true), ("yes", true), ("Y", true), ("", false), ("n", false), ("stop", false), ("ye", false)]
    {
        let says: &'static [&'static str] = Box::leak(Box::new([says]));
        assert_eq!(told(&plan, &lives, &[], Some(says)), Ok(starts), "{says:?}");
    }
    assert_eq!(told(&plan, &lives, &[], Some(&[])), Ok(false), "the end of the input is no");
    assert_eq!(told(&plan, &lives, &["--yes"], None), Ok(true));
    assert_eq!(told(&plan, &lives, &[], None).unwrap_err().kind, FailureKind::Usage);
    assert_eq!(possible(&change(&[]), false).unwrap_err().kind, FailureKind::Usage);
    assert_eq!(possible(&change(&["--plan"]), false), Ok(()));
}

#[test]
fn yes_never_replaces_a_name() {
    let (plan, lives) = (draft(Some("web"), false), Outlives::Yes(String::new()));
    let refused = told(&plan, &lives, &["--yes"], None).unwrap_err();
    assert!(refused.kind == FailureKind::Usage && refused.hints[0].contains("--confirm web"), "{refused:?}");
    assert_eq!(told(&plan, &lives, &["--yes"], Some(&["y"])), Ok(false));
    assert_eq!(told(&plan, &lives, &["--yes"], Some(&["web"])), Ok(true));
    assert_eq!(told(&plan, &lives, &["--confirm", "web"], None), Ok(true));
    let wrong = told(&plan, &lives, &["--yes", "--confirm", "wbe"], Some(&["web"])).unwrap_err();
    assert!(wrong.message.contains("web, not wbe"), "{wrong}");
    let unneeded = told(&draft(None, false), &lives, &["--confirm", "web"], None);
    assert_eq!(unneeded.unwrap_err().kind, FailureKind::Usage, "a name is no yes where none is wanted");
}

#[test]
fn a_worker_that_dies_with_the_login_wants_its_own_consent() {
    let (plan, dies) = (draft(None, false), Outlives::No("logind kills it".to_owned()));
    let refused = told(&plan, &dies, &["--yes"], None).unwrap_err();
    assert!(refused.hints[0].contains("--dies-with-session"), "{refused:?}");
    assert_eq!(told(&plan, &dies, &["--yes", "--dies-with-session"], None), Ok(true));
    assert_eq!(told(&plan, &dies, &["--yes"], Some(&["n"])), Ok(false));
    assert_eq!(told(&plan, &dies, &[], Some(&["y"])), Ok(true));
    let named = draft(Some("web"), false);
    assert!(told(&named, &dies, &["--confirm", "web"], None).is_err());
    assert_eq!(told(&plan, &Outlives::Untold(String::new()), &["--yes"], None), Ok(true));
}

#[test]
fn a_ticket_that_is_wanted_must_be_named() {
    let wanted = draft(None, true);
    let ask = |flags: &[&str], says: &[&'static str]| {
        ticket(&wanted, &change(flags), Some(&mut Says(says.iter().copied().collect())))
    };
    assert_eq!(ask(&["--ticket", " CHG-7 "], &[]), Ok(Some("CHG-7".to_owned())));
    assert_eq!(ask(&[], &["CHG-8"]), Ok(Some("CHG-8".to_owned())));
    assert_eq!(ask(&["--ticket", " "], &[""]).unwrap_err().kind, FailureKind::Usage);
    assert_eq!(ticket(&wanted, &change(&["--yes"]), None).unwrap_err().kind, FailureKind::Usage);
    assert_eq!(ticket(&draft(None, false), &change(&["--yes"]), None), Ok(None));
}
