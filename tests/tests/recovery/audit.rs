//! Everything is written down, without values.

use crate::*;

#[test]
fn the_log_tells_the_story_and_no_secret() {
    isolated(|home| {
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let begun = recovery.must(so, Call::Begin, &deal_request());
        let shares = shares(&begun);
        recovery.must(so, Call::Contribute, &json!({ "custodian": "bob", "share": shares[0] }));
        hand_in(&recovery, so, &shares);
        let done = recovery.must(so, Call::Finish, &json!({}));
        let transcript = done["transcript"].as_str().expect("a transcript").to_owned();
        let status = recovery.must(so, Call::Status, &json!({ "log": true }));
        let log: Vec<String> =
            status["log"].as_array().expect("a log").iter().map(|e| e.as_str().expect("text").to_owned()).collect();
        for (at, event) in ["begun: deal", "share of bob refused: other-custodian", "share of alice accepted"].iter().enumerate()
        {
            assert!(log[at].ends_with(event), "{} is not {event}", log[at]);
        }
        assert!(log.last().is_some_and(|last| last.ends_with("done")), "{log:?}");
        for event in ["begun", "5 shares dealt", "share of bob refused: other-custodian", "share of erin accepted", "done"] {
            assert!(transcript.contains(event), "no \"{event}\" in {transcript}");
        }
        for text in log.iter().chain([&transcript]) {
            assert!(shares.iter().all(|share| !text.contains(&share[9..40])) && !text.contains(USER_PIN), "a value in {text}");
        }
    });
}
