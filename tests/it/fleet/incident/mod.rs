//! The outage that nobody saw coming, and the ordinary days on which there is nothing to see.

mod world;

use stackdeck::fleet::health::{Trouble, Truth};

use world::{BEFORE, days, incident, p95};

#[test]
fn the_queue_is_erlangs() {
    // One server at half load: the response time is exponential with mean 1 / (μ - λ).
    assert!((p95(50.0, 1).unwrap() - 20.0_f64.ln() / 50.0).abs() < 1e-6);
    // Six that are almost idle: the service time alone.
    assert!((p95(1.0, 6).unwrap() - 20.0_f64.ln() / 100.0).abs() < 1e-4);
    assert!(p95(560.0, 6).unwrap() > 1.5 * p95(400.0, 6).unwrap());
    assert_eq!(p95(600.0, 6), None);
}

/// 400 requests a second on six instances good for 100 each; then clients that repeat their calls add 2 % a minute.
#[test]
fn the_rise_is_told_five_minutes_before_response_times_leave_their_target() {
    for before in BEFORE {
        let (mut latest, mut earliest) = (0.0_f64, f64::INFINITY);
        for seed in 0..20 {
            let (told, left, alarms) = incident(seed, before);
            assert!(told + 5.0 <= left, "seed {seed}, {before:?}: told after {told} min, target left after {left}");
            (latest, earliest) = (latest.max(told), earliest.min(left - told));
            let rise = alarms.iter().find(|of| of.trouble == Trouble::LoadRising).unwrap();
            assert!(rise.text.starts_with("payments's load grew by ") && rise.truth == Truth::True, "{}", rise.text);
            assert!(!rise.evidence.is_empty() && !rise.advice.is_empty());
        }
        assert!(
            latest <= 12.0 && earliest >= 5.0,
            "{before:?}: told after {latest:.1} min at the latest, {earliest:.1} min before the target is left"
        );
    }
}

/// Whole weeks are lived by `cargo bench --bench load`.
#[test]
fn an_ordinary_day_is_quiet() {
    let alarms = days(1, 1, 60, 120);
    assert_eq!(alarms, Vec::<String>::new());
}
