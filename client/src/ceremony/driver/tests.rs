use std::cell::RefCell;

use super::*;

/// A module that answers from a list, and notes what it was asked.
struct Scripted {
    answers: RefCell<Vec<(CK_RV, Vec<u8>)>>,
    asked: RefCell<Vec<(Verb, String, Option<usize>)>>,
}

impl Scripted {
    fn new(answers: &[(CK_RV, &str)]) -> Driver<Self> {
        let answers = answers.iter().rev().map(|(code, text)| (*code, text.as_bytes().to_vec())).collect();
        Driver(Self { answers: RefCell::new(answers), asked: RefCell::default() })
    }
}

impl Call for Scripted {
    fn call(&self, verb: Verb, request: &[u8], reply: Option<&mut [u8]>) -> Answer {
        let text = String::from_utf8(request.to_vec()).unwrap();
        self.asked.borrow_mut().push((verb, text, reply.as_ref().map(|room| room.len())));
        let (code, bytes) = self.answers.borrow_mut().pop().unwrap();
        if let Some(room) = reply.filter(|_| code != CKR_BUFFER_TOO_SMALL) {
            room[..bytes.len()].copy_from_slice(&bytes);
        }
        Answer { code, len: bytes.len() }
    }
}

#[test]
fn the_length_is_asked_for_and_asked_again_when_it_grew() {
    let long = format!("{:5000}", r#"{"state":"idle"}"#);
    let mut driver = Scripted::new(&[(CKR_OK, "{}"), (CKR_BUFFER_TOO_SMALL, &long), (CKR_OK, &long)]);
    let report = driver.status(&Status { log: true }).unwrap();
    assert_eq!(report.state, "idle");
    let rooms: Vec<_> = driver.0.asked.borrow().iter().map(|asked| asked.2).collect();
    assert_eq!(rooms, [None, Some(4096), Some(5000)]);
    assert_eq!(driver.0.asked.borrow()[0].1, r#"{"log":true}"#);
    let endless = [(CKR_OK, ""), (CKR_BUFFER_TOO_SMALL, "x"), (CKR_BUFFER_TOO_SMALL, "x")];
    let mut driver = Scripted::new(&[&endless[..], &endless[1..]].concat());
    assert_eq!(driver.status(&Status::default()).err().unwrap().kind(), Kind::Device);
}

#[test]
fn refusals_say_why_and_what_next() {
    for (code, kind, next) in [
        (CKR_OPERATION_ACTIVE, Kind::Conflict, "hsm recovery cancel"),
        (cryptoki_sys::CKR_PIN_INCORRECT, Kind::Pin, "check the PIN"),
        (CKR_USER_NOT_LOGGED_IN, Kind::Pin, "--so-pin-source"),
        (CKR_OPERATION_NOT_INITIALIZED, Kind::NotFound, "hsm recovery deal"),
        (cryptoki_sys::CKR_SIGNATURE_INVALID, Kind::Authentication, ""),
        (CKR_DATA_INVALID, Kind::Malformed, ""),
        (CKR_ACTION_PROHIBITED, Kind::Conflict, "status"),
        (CKR_FUNCTION_CANCELED, Kind::Conflict, "again"),
        (CKR_KEY_HANDLE_INVALID, Kind::NotFound, "status"),
        (0x8000_0001, Kind::Device, ""),
    ] {
        let mut driver = Scripted::new(&[(CKR_OK, ""), (code, r#"{"error":"because of this"}"#)]);
        let error = driver.cancel(&Cancel::default()).err().unwrap();
        assert_eq!(error.kind(), kind, "{code:#x}");
        assert!(error.reason().contains("because of this") && error.next_step().contains(next), "{error}: {}", error.next_step());
        let mut driver = Scripted::new(&[(code, "")]);
        assert_eq!(driver.cancel(&Cancel::default()).err().unwrap().kind(), kind);
    }
}

#[test]
fn an_answer_that_is_none_is_a_fault_of_the_token() {
    for reply in ["", "[]", "{}", "{\"state\":7}", "\u{1}", "{\"state\":\"done\",\"dealt\":\"hsmshare1qqq\"}"] {
        let mut driver = Scripted::new(&[(CKR_OK, ""), (CKR_OK, reply)]);
        let error = driver.finish(&Finish::default()).err().unwrap();
        assert_eq!(error.kind(), Kind::Device, "{reply}");
        assert!(!error.to_string().contains("hsmshare1"), "{error}");
    }
}
