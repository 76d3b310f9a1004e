//! What is pure.

use super::is_same_body;

#[test]
fn bodies_are_compared_as_json() {
    assert!(is_same_body(
        r#"{"widgets":[{"x":0,"y":1}]}"#,
        "{ \"widgets\": [ {\"y\": 1, \"x\": 0} ] }"
    ));
    assert!(!is_same_body(
        r#"{"widgets":[1,2]}"#,
        r#"{"widgets":[2,1]}"#
    ));
    assert!(!is_same_body("not JSON", "neither"));
    assert!(is_same_body("not JSON", "not JSON"));
}
