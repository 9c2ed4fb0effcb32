//! What is said of clouds that are broken, not there, or not reached.

use crate::support::process::Home;

#[test]
fn a_broken_clouds_file_is_told_by_its_place_and_never_quoted() {
    let home = Home::new();
    home.clouds("clouds:\n  prod:\n    auth:\n      password: hunter2\n     username: x\n");
    let ended = home.run(["services", "--cloud", "prod"]).with_code(2);
    assert!(ended.err.contains("clouds.yaml"), "{}", ended.err);
    assert!(!ended.err.contains("hunter2"), "{}", ended.err);
}

#[test]
fn a_cloud_that_is_not_reached_has_its_own_exit_code() {
    let home = Home::new();
    home.clouds(
        "clouds:\n  prod:\n    auth: {auth_url: http://127.0.0.1:9/v3, username: me, password: p, project_name: p}\n",
    );
    let ended = home.run(["services"]).with_code(6);
    assert!(ended.err.starts_with("stackdeck: ") && ended.err.contains("127.0.0.1:9"), "{}", ended.err);
}

#[test]
fn a_cloud_that_is_not_there_is_answered_with_the_nearest() {
    let home = Home::new();
    let entry = "    auth: {auth_url: http://127.0.0.1:9/v3, username: me, password: p, project_name: p}\n";
    home.clouds(&format!("clouds:\n  prod-eu:\n{entry}  staging:\n{entry}"));
    let ended = home.run(["services", "--cloud", "prod-ue"]).with_code(2);
    assert!(ended.err.contains("prod-ue") && ended.err.contains("prod-eu"), "{}", ended.err);
    let ended = home.run(["services"]).with_code(2);
    assert!(ended.err.contains("prod-eu, staging"), "several and none chosen:\n{}", ended.err);
    assert_eq!(ended.out, "");
}

#[test]
fn a_password_that_is_missing_is_told_where_nobody_can_be_asked() {
    let home = Home::new();
    home.clouds("clouds:\n  prod:\n    auth: {auth_url: http://127.0.0.1:9/v3, username: me, project_name: p}\n");
    let ended = home.run(["services"]).with_code(3);
    assert!(ended.err.contains("me") && ended.err.contains("OS_PASSWORD"), "{}", ended.err);
}
