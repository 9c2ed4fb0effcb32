//! Pairs of texts: sorted, each key once, the same through a file.

use stackdeck::fleet::metadata::Metadata;

#[test]
fn pairs_are_sorted_and_of_a_key_the_last_counts() {
    let metadata: Metadata =
        [("version", "1"), ("app", "shop"), ("version", "2"), ("version", "3")].into_iter().collect();
    assert_eq!(metadata.iter().collect::<Vec<_>>(), [("app", "shop"), ("version", "3")]);
    assert_eq!((metadata.get("version"), metadata.get("owner")), (Some("3"), None));
    assert_eq!(serde_json::to_string(&metadata).unwrap(), r#"{"app":"shop","version":"3"}"#);
    assert_eq!(serde_json::from_str::<Metadata>(r#"{"version":"3","app":"shop"}"#).unwrap(), metadata);
}
