//! What the settings say arrives where it counts.

use super::*;
use crate::config::CloudSettings;
use crate::config::settings::Watch;

fn start(settings: Settings) -> Start {
    Start {
        clouds: Clouds::default(),
        scope: Scope { cloud: "prod".to_owned(), ..Scope::default() },
        settings,
        warnings: Vec::new(),
        environment: BTreeMap::new(),
        cwd: PathBuf::new(),
        state: PathBuf::new(),
        themes: None,
        clock: Clock::system(),
        pace: Pace::REAL,
        banner: None,
    }
}

#[test]
fn the_watch_looks_as_often_as_the_settings_say() {
    let seconds = Duration::from_secs;
    let watch = Watch {
        normal: seconds(1),
        busy: seconds(2),
        idle: seconds(3),
        idle_after: seconds(4),
        reconcile: seconds(5),
        overlap: seconds(6),
        console_log: seconds(7),
    };
    let mut grouping = crate::fleet::Rules::default();
    grouping.texts.service_keys = vec!["team".to_owned()];
    let start = start(Settings { watch, grouping: grouping.clone(), ..Settings::default() });
    let told = means(&start).watch;
    let intervals = told.intervals;
    let times = [
        intervals.steady,
        intervals.transition,
        intervals.away,
        intervals.reconcile,
        intervals.overlap,
        intervals.console,
    ];
    assert_eq!(times, [1, 2, 3, 5, 6, 7].map(seconds));
    assert_eq!(told.rules, grouping);
    assert_eq!(model(&start, (80, 24), Vec::new()).start.absence, seconds(4));
}

#[test]
fn what_may_be_kept_is_kept_where_the_settings_say() {
    let settings = Settings { cache_dir: "/c".into(), state_dir: "/s".into(), ..Settings::default() };
    let keeping = means(&start(settings.clone()));
    assert_eq!((keeping.tokens, keeping.snapshots), (Some("/c/tokens".into()), Some("/c/snapshots".into())));
    assert_eq!(means(&start(Settings { token_cache: false, ..settings.clone() })).tokens, None);
    assert_eq!(settings.log_path(), Some("/s/stackdeck.log".into()));
    assert_eq!(Settings { log_file: Some("none".into()), ..settings.clone() }.log_path(), None);
    assert_eq!(Settings { log_file: Some("/l".into()), ..settings }.log_path(), Some("/l".into()));
}

#[test]
fn what_protects_a_cloud_and_how_it_looks_is_taken_over() {
    let accent = Some("#e06c75".to_owned());
    let cloud = CloudSettings { accent: accent.clone(), protected: true, read_only: true, ..CloudSettings::default() };
    let clouds = BTreeMap::from([("prod".to_owned(), cloud)]);
    let settings = Settings { clouds, ascii: true, theme: "light".to_owned(), ..Settings::default() };
    let start = start(settings);
    let choice = choice("prod", &start);
    assert_eq!((choice.accent, choice.protected, choice.read_only), (accent, true, true));
    let other = super::choice("test", &start);
    assert_eq!((other.accent, other.protected, other.read_only), (None, false, false));
    let (theme, _) = theme(&start).unwrap();
    assert!(theme.is_ascii());
    for read_only in [true, false] {
        let start = Start { settings: Settings { read_only, ..Settings::default() }, ..start.clone() };
        assert_eq!(model(&start, (80, 24), Vec::new()).is_read_only(), read_only);
    }
    for (color, depth) in [(ColourMode::Ansi, ColourDepth::Ansi16), (ColourMode::None, ColourDepth::None)] {
        let start = Start { settings: Settings { color, ..Settings::default() }, ..start.clone() };
        assert_eq!(super::theme(&start).unwrap().0.depth(), depth);
    }
}
