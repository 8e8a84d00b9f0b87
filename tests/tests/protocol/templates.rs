//! 3.4 and 5.7.1: templates that contradict themselves, for every function that takes one.

use crate::stage;
use hsm_tests::*;

/// Every function with a template, but for the two that only ask: a search may name an attribute twice, and C_GetAttributeValue too.
fn every(token: &Token, mut row: impl FnMut(&mut Probe<'_>, Entry)) {
    let _user = token.user();
    let entries = Probe::new(&token.module).entries().filter(|entry| entry.takes(Param::Template));
    entries.filter(|entry| !ASKING.contains(&entry.name)).for_each(|entry| {
        stage::once(token, entry, None, |probe| {
            let mut probe = probe.again();
            row(&mut probe, entry);
        });
    });
}

const ASKING: [&str; 2] = ["C_GetAttributeValue", "C_FindObjectsInit"];

/// C_CopyObject and C_SetAttributeValue took a label that was given twice, and the last one counted.
#[test]
fn an_attribute_twice() {
    isolated(|home| {
        let token = home.token();
        let mut tally = Tally::new("5.7.1: CKR_TEMPLATE_INCONSISTENT");
        every(&token, |probe, entry| {
            let once = probe.template.clone().bytes(CKA_LABEL, b"one");
            probe.template = once.clone();
            let plain = probe.call(entry);
            probe.template = once.clone().again(CKA_LABEL, b"one");
            tally.equal(format!("{}, the same twice", entry.name), probe.call(entry), plain);
            for second in [&b"two"[..], b""] {
                probe.template = once.clone().again(CKA_LABEL, second);
                let got = probe.call(entry);
                // Some have a reason before this one, whatever the template is.
                let want = if plain == Rv(CKR_OK) { Rv(CKR_TEMPLATE_INCONSISTENT) } else { plain };
                let refused = got == want || got == Rv(CKR_TEMPLATE_INCONSISTENT);
                tally.check(format!("{}, then {second:?}", entry.name), refused, format_args!("got {got:?}, want {want:?}"));
            }
        });
    });
}

/// Templates go one level deep: nothing follows a caller further down, nor round in a circle.
#[test]
fn templates_in_templates() {
    isolated(|home| {
        let token = home.token();
        let refusals = [CKR_ATTRIBUTE_VALUE_INVALID, CKR_ATTRIBUTE_TYPE_INVALID, CKR_TEMPLATE_INCONSISTENT];
        let mut tally = Tally::new("3.4: nested templates");
        every(&token, |probe, entry| {
            let plain = probe.template.clone();
            for kind in [CKA_WRAP_TEMPLATE, CKA_UNWRAP_TEMPLATE, CKA_DERIVE_TEMPLATE] {
                let deep = (0..50).fold(Template::new(), |inner, _| Template::new().nested(kind, inner));
                let half = Template::new().bytes(kind, &[0; 23]);
                for (what, twisted) in [
                    ("a hundred deep", plain.clone().with(&deep)),
                    ("itself", plain.clone().itself(kind)),
                    ("half an attribute", plain.clone().with(&half)),
                    ("NULL with a length", plain.clone().null(kind, 24)),
                ] {
                    probe.template = twisted;
                    tally.row(format!("{} {kind:#x}, {what}", entry.name), probe.call(entry), &refusals);
                }
            }
        });
    });
}

/// More attributes than any object has, and values longer than any is.
#[test]
fn too_much_of_it() {
    isolated(|home| {
        let token = home.token();
        let mut tally = Tally::new("3.4: what is too long");
        let many = (0..1025).fold(Template::new(), |all, i| all.again(CKA_VENDOR_DEFINED + i, b"x"));
        every(&token, |probe, entry| {
            probe.template = Template::new().owned(CKA_LABEL, vec![b'x'; (1 << 24) + 1]);
            let long = probe.call(entry);
            tally.row(format!("{} with 16 MiB of label", entry.name), long, &[CKR_ATTRIBUTE_VALUE_INVALID]);
        });
        let session = token.open(true);
        tally.row("1025 attributes", session.create(&many), &[CKR_ARGUMENTS_BAD]);
    });
}
