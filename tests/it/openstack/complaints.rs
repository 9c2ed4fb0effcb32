//! Every error shape as one sentence and the right kind.

use stackdeck::base::failure::FailureKind::{
    self, Auth, Bug, Conflict, Forbidden, NotFound, Quota, Retry, Unsupported,
};

use super::stub::{cloud_stub, connect, get, with};

/// Status, body, kind, sentence: all seen on a real cloud, shortened.
const SEEN: &[(u16, &str, FailureKind, &str)] = &[
    (
        403,
        r#"{"error":{"code":403,"message":"You are not authorized to perform the requested action: identity:list_users.","title":"Forbidden"}}"#,
        Forbidden,
        "You are not authorized to perform the requested action: identity:list_users",
    ),
    (
        400,
        r#"{"error":{"code":400,"message":"Invalid input for field 'name': None is not of type 'string'\n\nFailed validating 'type' in schema:\n {}","title":"Bad Request"}}"#,
        Bug,
        "Invalid input for field 'name': None is not of type 'string'",
    ),
    (
        409,
        r#"{"conflictingRequest": {"code": 409, "message": "Cannot 'start' instance f473 while it is in vm_state active"}}"#,
        Conflict,
        "Cannot 'start' instance f473 while it is in vm_state active",
    ),
    (
        403,
        r#"{"forbidden": {"code": 403, "message": "Quota exceeded for instances: Requested 4, but already used 0 of 3 instances"}}"#,
        Quota,
        "Quota exceeded for instances: Requested 4, but already used 0 of 3 instances",
    ),
    (
        403,
        r#"{"forbidden": {"code": 403, "message": "Policy doesn't allow os_compute_api:os-services:list to be performed."}}"#,
        Forbidden,
        "Policy doesn't allow os_compute_api:os-services:list to be performed",
    ),
    (
        404,
        "<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n  No image found with ID 1&lt;2<br /><br />\n\n </body>\n</html>",
        NotFound,
        "No image found with ID 1<2",
    ),
    (
        404,
        r#"{"message": "No image found with ID 1<br /><br />\n\n\n", "code": "404 Not Found", "title": "Not Found"}"#,
        NotFound,
        "No image found with ID 1",
    ),
    (
        409,
        r#"{"NeutronError": {"type": "NetworkInUse", "message": "Unable to complete operation on network dac6.", "detail": ""}}"#,
        Conflict,
        "Unable to complete operation on network dac6",
    ),
    (
        409,
        r#"{"NeutronError": {"type": "OverQuota", "message": "Quota exceeded for resources: ['port'].", "detail": ""}}"#,
        Quota,
        "Quota exceeded for resources: ['port']",
    ),
    (
        413,
        r#"{"overLimit": {"code": 413, "message": "VolumeLimitExceeded: Maximum number of volumes allowed (3) exceeded for quota 'volumes'.", "retryAfter": "0"}}"#,
        Quota,
        "VolumeLimitExceeded: Maximum number of volumes allowed (3) exceeded for quota 'volumes'",
    ),
    (
        409,
        r#"{"faultcode": "Client", "faultstring": "Pool 25e66b3c is immutable and cannot be updated.", "debuginfo": null}"#,
        Conflict,
        "Pool 25e66b3c is immutable and cannot be updated",
    ),
    (
        404,
        r#"{"code": 404, "title": "Not Found", "explanation": "The resource could not be found.", "error": {"type": "EntityNotFound", "message": "The Stack (x) could not be found.", "traceback": null}}"#,
        NotFound,
        "The Stack (x) could not be found",
    ),
    (
        404,
        "<ErrorResponse><Error><Message>The request is too old</Message><Code>X</Code></Error></ErrorResponse>",
        NotFound,
        "The request is too old",
    ),
    (
        400,
        r#"{"code": 400, "title": "Bad Request", "description": {"cause": "Metrics can't being aggregated", "reason": "Granularities are missing", "detail": [["cpu", "mean", 7.0]]}}"#,
        Bug,
        "Metrics can't being aggregated: Granularities are missing",
    ),
    (
        404,
        r#"{"code": 404, "title": "Not Found", "description": "Resource abc does not exist"}"#,
        NotFound,
        "Resource abc does not exist",
    ),
    (
        400,
        r#"{"error_message": {"faultcode": "Client", "faultstring": "Unknown argument: \"x\"", "debuginfo": null}}"#,
        Bug,
        "Unknown argument: \"x\"",
    ),
    (
        400,
        r#"{"errors": [{"status": 400, "title": "Bad Request", "detail": "The server could not comply", "request_id": "req-1"}]}"#,
        Bug,
        "The server could not comply",
    ),
    (
        406,
        r#"{"computeFault": {"code": 406, "message": "Version 2.999 is not supported by the API."}}"#,
        Unsupported,
        "Version 2.999 is not supported by the API",
    ),
    (500, "", Retry, "compute answered 500"),
    (500, "null", Retry, "compute answered 500"),
    (500, "[[[1, 2]]]", Retry, "compute answered 500"),
    (418, "{}", Bug, "compute answered 418"),
    (500, "plain words.\nand a second line", Retry, "plain words"),
    (404, "{\"itemNotFound\": {\"message\": \"\\u001b[2Jgone \\u202eevil\\u0007\"}}", NotFound, "gone evil"),
];

#[tokio::test]
async fn every_shape_is_one_sentence() {
    for (status, body, kind, sentence) in SEEN {
        let stub = cloud_stub(move |_| with(*status, "X-Compute-Request-Id", "req-77", body)).await;
        let failure = connect(&stub).await.read(get("/thing")).await.expect_err("a complaint");
        assert_eq!((failure.kind, failure.message.as_str()), (*kind, *sentence), "{status} {body}");
        assert_eq!(failure.place.as_deref(), Some("GET compute /thing"));
        assert_eq!(failure.request_id.expect("theirs").as_str(), "req-77");
    }
}

#[tokio::test]
async fn a_401_to_all_tokens_is_no_wrong_password() {
    let says = r#"{"error": {"code": 401, "title": "Unauthorized", "message": "The request you have made requires authentication."}}"#;
    let stub = cloud_stub(move |_| with(401, "WWW-Authenticate", "Keystone", says)).await;
    let failure = connect(&stub).await.read(get("/thing")).await.expect_err("a complaint");
    assert_ne!(failure.kind, Auth);
}

#[tokio::test]
async fn long_sentences_are_cut() {
    let body = format!(r#"{{"NeutronError": {{"type": "NetworkInUse", "message": "{}"}}}}"#, "00e5, ".repeat(2000));
    let stub = cloud_stub(move |_| with(409, "X", "y", &body)).await;
    let failure = connect(&stub).await.read(get("/thing")).await.expect_err("a complaint");
    assert_eq!(failure.message.chars().count(), 301);
    assert!(failure.message.ends_with('…'));
}

#[tokio::test]
async fn a_forged_request_id_is_left_out() {
    let stub = cloud_stub(|_| with(404, "X-Openstack-Request-Id", "req-<script>", "{}")).await;
    let failure = connect(&stub).await.read(get("/thing")).await.expect_err("a complaint");
    assert_eq!(failure.request_id, None);
}
