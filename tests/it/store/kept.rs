//! The timeline and the answers on disk: whole, shared by two consoles, bounded, and never a reason to fail.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use stackdeck::base::clock::Timestamp;
use stackdeck::base::failure::FailureKind;
use stackdeck::fleet::Timeline;
use stackdeck::fleet::answer::{AlertId, Answer, Answers};
use stackdeck::fleet::service::{ServiceKey, Severity};
use stackdeck::fleet::sources::Place;
use stackdeck::fleet::timeline::{Sighting, What, Whom};
use stackdeck::store::answers::AnswersFile;
use stackdeck::store::cache::SnapshotFile;
use stackdeck::store::timeline::TimelineFile;

use crate::support::folder::Folder;

fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn ago(minutes: i64) -> Timestamp {
    Timestamp::from_second(now().as_second() - minutes * 60).unwrap()
}

fn snapshot(folder: &Folder, project: &str) -> SnapshotFile {
    SnapshotFile::of(&folder.path().join("cache"), "prod", None, Some(project), false)
}

fn file(folder: &Folder) -> TimelineFile {
    TimelineFile::beside(&snapshot(folder, "shop"))
}

fn service() -> ServiceKey {
    ServiceKey {
        place: Place { cloud: "prod".into(), region: "R1".into() },
        project: "shop".into(),
        name: "web \"ä\"\n".into(),
    }
}

fn gone(name: &str, minutes: i64) -> Sighting {
    let whom = Whom { instance: Some(name.into()), name: name.into(), service: Some(service()) };
    Sighting { at: ago(minutes), after: Some(ago(minutes + 1)), stamped: false, whom, what: What::Gone }
}

fn of(seen: impl IntoIterator<Item = Sighting>) -> Timeline {
    Timeline::of(seen, None)
}

fn names(timeline: &Timeline) -> Vec<String> {
    timeline.sightings().map(|one| one.whom.name.to_string()).collect()
}

fn identity(path: &Path) -> (u64, i64) {
    let found = fs::metadata(path).unwrap();
    (found.ino(), found.mtime_nsec())
}

#[test]
fn what_was_kept_is_there_again_for_its_own_place_and_for_the_user_alone() {
    let folder = Folder::new();
    let kept = file(&folder);
    assert_eq!(kept.load(now()), (Timeline::default(), None), "nothing was kept yet, and that is no trouble");
    let seen = of([gone("a", 30), gone("b", 20), gone("old", 24 * 60 + 1)]);
    let (all, trouble) = kept.keep(&seen, now()).unwrap();
    assert_eq!((names(&all), trouble), (vec!["a".to_owned(), "b".to_owned()], None));
    assert_eq!(kept.load(now()), (of([gone("a", 30), gone("b", 20)]), None));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(kept.path()), 0o600);
    assert_eq!(mode(kept.path().parent().unwrap()), 0o700);
    let other = TimelineFile::beside(&snapshot(&folder, "tax"));
    assert_eq!(other.load(now()).0, Timeline::default());
    let next_day = now().checked_add(std::time::Duration::from_secs(24 * 3600 - 25 * 60)).unwrap();
    assert_eq!(names(&kept.load(next_day).0), ["b"]);
}

#[test]
fn two_consoles_lose_nothing_of_each_other_and_write_only_what_is_new() {
    let folder = Folder::new();
    let (one, other) = (file(&folder), file(&folder));
    one.keep(&of([gone("a", 30)]), now()).unwrap();
    let (all, _) = other.keep(&of([gone("b", 20)]), now()).unwrap();
    assert_eq!(names(&all), ["a", "b"]);
    let before = identity(one.path());
    let (all, _) = one.keep(&of([gone("a", 30)]), now()).unwrap();
    assert_eq!(names(&all), ["a", "b"], "the other one's comes to be known");
    assert_eq!(identity(one.path()), before, "nothing was new: nothing was written");
}

#[test]
fn many_writers_at_once_lose_nothing() {
    let folder = Folder::new();
    std::thread::scope(|threads| {
        for writer in 0..8 {
            let kept = file(&folder);
            threads.spawn(move || {
                for number in 0..10 {
                    kept.keep(&of([gone(&format!("{writer}-{number}"), number)]), now()).unwrap();
                }
            });
        }
    });
    assert_eq!(file(&folder).load(now()).0.len(), 80);
    let left: Vec<String> = fs::read_dir(folder.path().join("cache"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(left.len(), 2, "the file and its lock: {left:?}");
}

#[test]
fn a_file_that_is_broken_or_newer_is_told_and_put_aside() {
    let folder = Folder::new();
    let kept = file(&folder);
    kept.keep(&of([gone("a", 30)]), now()).unwrap();
    let text = fs::read_to_string(kept.path()).unwrap();
    let half = &text[..text.len() - 20];
    let newer = text.replace("\"version\":1", "\"version\":7");
    let other = text.replace("\"stackdeck\":\"timeline\"", "\"stackdeck\":\"answers\"");
    let cases = [
        (half, FailureKind::Usage, "is broken"),
        ("", FailureKind::Usage, "is broken"),
        ("\0\u{1}binary", FailureKind::Usage, "is broken"),
        (other.as_str(), FailureKind::Usage, "is broken"),
        (newer.as_str(), FailureKind::Unsupported, "its format is 7, this one's is 1"),
    ];
    for (written, kind, said) in cases {
        fs::write(kept.path(), written).unwrap();
        let (found, trouble) = kept.load(now());
        let trouble = trouble.unwrap_or_else(|| panic!("nothing was told of {written:?}"));
        assert_eq!((found, trouble.kind), (Timeline::default(), kind), "{written:?}");
        assert!(
            trouble.message.contains(said) && trouble.message.contains(&*kept.path().to_string_lossy()),
            "{trouble}"
        );
        let aside = format!("{}.aside", kept.path().display());
        assert!(trouble.hints[0].contains(&aside), "{:?}", trouble.hints);
        assert_eq!(fs::read_to_string(aside).unwrap(), written);
        let (all, trouble) = kept.keep(&of([gone("b", 20)]), now()).unwrap();
        assert_eq!((names(&all), trouble), (vec!["b".to_owned()], None), "a new one is begun");
    }
}

#[test]
fn a_newer_programs_fields_do_not_break_an_older_one() {
    let folder = Folder::new();
    let kept = file(&folder);
    kept.keep(&of([gone("a", 30)]), now()).unwrap();
    let text = fs::read_to_string(kept.path()).unwrap();
    fs::write(kept.path(), text.replacen("{\"at\":", "{\"mood\":\"odd\",\"at\":", 1)).unwrap();
    assert_eq!(kept.load(now()), (of([gone("a", 30)]), None));
}

#[test]
fn a_file_that_cannot_be_written_says_so() {
    let folder = Folder::new();
    fs::write(folder.path().join("cache"), "a file where the folder should be").unwrap();
    let refused = file(&folder).keep(&of([gone("a", 30)]), now()).unwrap_err();
    assert!(refused.message.contains("cannot be locked"), "{refused}");
}

fn alert(title: &'static str) -> AlertId {
    AlertId { service: service(), instance: None, title: title.into() }
}

fn answer(minutes: i64, until: Option<i64>) -> Answer {
    Answer {
        at: ago(minutes),
        severity: Severity::Warning,
        until: until.map(ago),
        reason: "the disk is being replaced".to_owned(),
        by: "anna".to_owned(),
        taken_back: false,
    }
}

#[test]
fn answers_are_kept_until_they_expire_and_the_later_one_of_two_counts() {
    let folder = Folder::new();
    let (one, other) =
        (AnswersFile::beside(&snapshot(&folder, "shop")), AnswersFile::beside(&snapshot(&folder, "shop")));
    let given = Answers::of([
        (alert("slow"), answer(30, Some(-60))),
        (alert("down"), answer(30, None)),
        (alert("x"), answer(30, Some(1))),
    ]);
    one.keep(&given, now()).unwrap();
    let (kept, trouble) = other.load(now());
    let counting: Vec<_> =
        kept.counting(now()).map(|(id, answer)| (&*id.title, answer.reason.as_str(), answer.by.as_str())).collect();
    let why = "the disk is being replaced";
    assert_eq!((counting, trouble), (vec![("down", why, "anna"), ("slow", why, "anna")], None), "one is over");
    // One console takes back what the other still knows.
    let mut back = kept.clone();
    back.take_back(&alert("down"), now());
    let (all, _) = other.keep(&back, now()).unwrap();
    assert!(all.get(&alert("down"), now()).is_none());
    let (all, _) = one.keep(&given, now()).unwrap();
    assert!(all.get(&alert("down"), now()).is_none(), "an older copy brings nothing to life again");
    assert!(all.get(&alert("slow"), now()).is_some());
    let later = now().checked_add(std::time::Duration::from_secs(3 * 3600)).unwrap();
    assert_eq!(one.load(later).0.counting(later).count(), 0, "what was muted for an hour is told again");
}
