//! Recovery ceremonies held on this machine, through the command: shares, sheets, manifests, minutes.

mod house;

use std::fs;
use std::path::Path;
use std::process::Stdio;

use house::{House, in_every_house};
use hsm_client::ceremony::shares::{manifest::Manifest, share::Share, transcript::Transcript};

const FIVE: [&str; 5] = ["alice", "bob", "carol", "dave", "erin"];

/// `hsm recovery KIND` on this machine, with five custodians.
fn with_five<'a>(kind: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec!["recovery", kind, "--host", "--threshold", "3"];
    FIVE.iter().for_each(|name| args.extend(["--custodian", name]));
    args.extend(more);
    args
}

fn deal(house: &House) -> serde_json::Value {
    let files = ["--sheets", "sheets", "--confirm-from", "sheets", "-o", "manifest", "--transcript", "minutes", "--json"];
    house.ok(&with_five("deal", &files)).json()
}

fn share_of(at: usize) -> String {
    format!("sheets/{}-{}.txt", at + 1, FIVE[at])
}

/// The command with the shares of these custodians.
fn with_shares(args: &[&str], shares: &[String]) -> Vec<String> {
    let mut all: Vec<_> = args.iter().map(ToString::to_string).collect();
    shares.iter().for_each(|file| all.extend(["--share".to_owned(), file.clone()]));
    all
}

fn strs(args: &[String]) -> Vec<&str> {
    args.iter().map(String::as_str).collect()
}

fn text(house: &House, name: &str) -> String {
    String::from_utf8(house.read(name)).unwrap()
}

fn unescaped(html: &str) -> String {
    html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
}

/// What stands in the element that begins with `tag`.
fn element(page: &str, tag: &str) -> String {
    unescaped(page.split_once(tag).unwrap().1.split_once("</pre>").unwrap().0)
}

/// The founding story: the token is gone, and three sheets of paper bring everything back.
#[test]
fn three_sheets_open_what_a_lost_token_encrypted() {
    in_every_house(|house| {
        let dealt = deal(house);
        assert_eq!((&dealt["state"], &dealt["kind"]), (&"done".into(), &"deal".into()), "{dealt}");
        assert_eq!(dealt["verdicts"].as_array().unwrap().len(), 5);
        assert_eq!(dealt["manifest"].as_str().unwrap(), text(house, "manifest"));
        house.ok(&["dek", "create", "--name", "mail"]);
        let letter: Vec<u8> = (0..100_000u32).map(|at| (at % 251) as u8).collect();
        house.write("letter", &letter);
        house.ok(&["encrypt", "--dek", "mail", "letter", "-o", "sealed"]);

        fs::remove_dir_all(house.path("tokens")).unwrap();
        fs::create_dir(house.path("tokens")).unwrap();
        house.ok(&["token", "init", "--label", "new"]);
        house.fails(3, &["decrypt", "sealed"]);

        // From paper: both the shares and the manifest as they are printed.
        for at in [1, 3, 4] {
            let page = text(house, &format!("sheets/{}-{}.html", at + 1, FIVE[at]));
            house.write(&format!("typed-{at}"), element(&page, "<pre>").as_bytes());
            house.write("printed-manifest", element(&page, "class=\"manifest\">").as_bytes());
        }
        let shares: Vec<_> = [1, 3, 4].map(|at| format!("typed-{at}")).into();
        let args = ["recovery", "restore", "--host", "--manifest", "printed-manifest", "--json"];
        let restored = house.ok(&strs(&with_shares(&args, &shares))).json();
        assert_eq!((&restored["label"], &restored["version"]), (&"main".into(), &1.into()), "{restored}");
        assert_eq!(house.ok(&["decrypt", "sealed"]).out, letter);
        // It goes on as before: the same key wraps new data keys.
        house.ok(&["dek", "create", "--name", "more"]);
        let sealed = house.ok_with(&["encrypt", "--dek", "more"], b"on").out;
        assert_eq!(house.ok_with(&["decrypt"], &sealed).out, b"on");
        // There already: nothing is brought in twice, and no second key of that label is made.
        house.fails(8, &strs(&with_shares(&args[..5], &shares)));
        house.fails(8, &with_five("deal", &["--sheets", "again", "--confirm-from", "again"]));
    });
}

#[test]
fn the_key_is_locked_in_and_no_share_is_printed() {
    in_every_house(|house| {
        let args = ["--sheets", "sheets", "--confirm-from", "sheets", "--key", "vault"];
        let answer = house.ok(&with_five("deal", &args));
        assert!(!format!("{}{}", answer.text(), answer.err).contains("hsmshare1"), "{}", answer.text());
        let how = if house.subject.name == "SoftHSMv2" { "by C_CreateObject" } else { "by C_UnwrapKey with RSA-OAEP" };
        assert!(answer.text().contains(how), "{}", answer.text());
        // Without -o the manifest is on standard output, whole.
        let (_, manifest) = answer.text().split_once("\n\n").map(|(head, rest)| (head.to_owned(), rest.to_owned())).unwrap();
        let manifest = manifest.split_once("next: ").unwrap().0.to_owned();
        assert_eq!(Manifest::parse(&manifest).unwrap().core.policy.quorum().total(), 5);
        let meks = house.ok(&["mek", "list", "--json"]).json();
        let mek = &meks["meks"][0];
        assert_eq!((&mek["label"], &mek["local"], &mek["never_extractable"]), (&"vault".into(), &false.into(), &false.into()));
        for name in ["sheets/1-alice.html", "sheets/1-alice.pdf", "sheets/1-alice.txt"] {
            use std::os::unix::fs::MetadataExt as _;
            assert_eq!(fs::metadata(house.path(name)).unwrap().mode() & 0o777, 0o600, "{name}");
        }
        assert!(house.read("sheets/5-erin.pdf").starts_with(b"%PDF-1.7"));
    });
}

#[test]
fn a_share_that_does_not_belong_is_refused_by_name_and_reason() {
    in_every_house(|house| {
        deal(house);
        let verify = ["recovery", "verify", "--host", "--manifest", "manifest"];
        let good = [share_of(0), share_of(1), share_of(2)];
        let report = house.ok(&strs(&with_shares(&[&verify[..], &["--json"]].concat(), &good))).json();
        assert_eq!(report["verdicts"].as_array().unwrap().len(), 3, "{report}");
        // Every share there is may be tried, not only a quorum.
        house.ok(&strs(&with_shares(&verify, &(0..5).map(share_of).collect::<Vec<_>>())));

        let share = text(house, &share_of(3));
        let typo = if share.ends_with('q') { "p" } else { "q" };
        house.write("mistyped", format!("{}{typo}", &share[..share.len() - 1]).as_bytes());
        house.write("no-share", b"good morning");
        house.ok(&with_five("rehearse", &["--sheets", "practice", "--confirm-from", "practice"]));
        let other = ["--sheets", "other", "--confirm-from", "other", "--key", "other", "-o", "other-manifest"];
        house.ok(&with_five("deal", &other));
        for (file, why) in [
            ("mistyped", "typing error"),
            ("no-share", "no share"),
            ("practice/1-alice.txt", "rehearsal"),
            ("other/1-alice.txt", "another set"),
            (&share_of(0), "handed in already"),
        ] {
            let args = with_shares(&verify, &[&good[..2], &[file.to_owned()]].concat());
            let answer = house.fails(5, &strs(&args));
            assert!(answer.err.contains(why) && answer.err.contains("REFUSED"), "{file}: {}", answer.err);
            assert!(!answer.err.contains(share.trim()), "{}", answer.err);
        }
        let few = house.fails(5, &strs(&with_shares(&verify, &good[..2])));
        assert!(few.err.contains("2 of 3") && few.err.contains("carol or dave or erin"), "{}", few.err);
        // A bad share beside enough good ones does not keep a key from coming back.
        fs::remove_dir_all(house.path("tokens")).unwrap();
        fs::create_dir(house.path("tokens")).unwrap();
        house.ok(&["token", "init", "--label", "new"]);
        let restore = ["recovery", "restore", "--host", "--manifest", "manifest"];
        house.fails(5, &strs(&with_shares(&restore, &[good[0].clone(), "mistyped".into()])));
        assert_eq!(house.ok(&["mek", "list", "--json"]).json()["meks"].as_array().unwrap().len(), 0);
        house.ok(&strs(&with_shares(&restore, &[&["mistyped".to_owned()], &good[..]].concat())));
    });
}

#[test]
fn refreshing_retires_the_old_shares() {
    in_every_house(|house| {
        deal(house);
        let new = ["--sheets", "new", "--confirm-from", "new", "-o", "manifest-2", "--custodian", "zoe", "--custodian", "yan"];
        let args = [&["recovery", "refresh", "--host", "--manifest", "manifest", "--threshold", "2"][..], &new].concat();
        house.fails(5, &strs(&with_shares(&args, &[share_of(0), share_of(1)])));
        house.ok(&strs(&with_shares(&args, &[share_of(0), share_of(1), share_of(4)])));
        let manifest = Manifest::parse(&text(house, "manifest-2")).unwrap();
        assert_eq!((manifest.core.epoch, manifest.core.policy.quorum().total()), (2, 2));
        let verify = ["recovery", "verify", "--host", "--manifest", "manifest-2"];
        house.ok(&strs(&with_shares(&verify, &["new/1-zoe.txt".into(), "new/2-yan.txt".into()])));
        let old = house.fails(5, &strs(&with_shares(&verify, &[share_of(0), "new/2-yan.txt".into()])));
        assert!(old.err.contains("retired"), "{}", old.err);
    });
}

/// A share that was refused on the way to the quorum was held against the new ones: they were handed out, and none was accepted.
#[test]
fn a_quorum_in_spite_of_a_bad_share_deals_anew() {
    in_every_house(|house| {
        deal(house);
        let new = ["--sheets", "new", "--confirm-from", "new", "-o", "manifest-2"];
        let args = [&["recovery", "refresh", "--host", "--manifest", "manifest"][..], &new].concat();
        house.ok(&strs(&with_shares(&args, &[share_of(0), share_of(0), share_of(1), share_of(4)])));
        assert_eq!(Manifest::parse(&text(house, "manifest-2")).unwrap().core.epoch, 2);
    });
}

#[test]
fn a_rehearsal_changes_nothing_and_says_what_it_is() {
    in_every_house(|house| {
        let files = ["--sheets", "sheets", "--confirm-from", "sheets", "--json"];
        let report = house.ok(&with_five("rehearse", &files)).json();
        assert_eq!((&report["kind"], &report["manifest"]), (&"rehearse".into(), &serde_json::Value::Null), "{report}");
        assert!(text(house, "sheets/1-alice.html").contains(">REHEARSAL<"));
        assert!(text(house, &share_of(0)).starts_with("hsmrehearsal1"));
        assert_eq!(house.ok(&["mek", "list", "--json"]).json()["meks"].as_array().unwrap().len(), 0);
        let told = house.ok(&["recovery", "inspect-share", &share_of(2), "--json"]).json();
        assert_eq!((&told["rehearsal"], &told["index"], &told["threshold"]), (&true.into(), &3.into(), &3.into()), "{told}");
    });
}

#[test]
fn minutes_are_verified_offline() {
    in_every_house(|house| {
        deal(house);
        let told = house.ok(&["recovery", "verify-transcript", "minutes", "--manifest", "manifest", "--json"]).json();
        assert_eq!((&told["outcome"], told["events"].as_array().unwrap().len()), (&"done".into(), 8), "{told}");
        let signer = told["signer"].as_str().unwrap();
        house.ok(&["recovery", "verify-transcript", "minutes", "--signer", signer]);
        house.fails(5, &["recovery", "verify-transcript", "minutes", "--signer", &"0".repeat(64)]);
        house.write("altered", text(house, "minutes").replace("share of bob accepted", "share of eve accepted").as_bytes());
        house.fails(5, &["recovery", "verify-transcript", "altered"]);
        house.fails(1, &["recovery", "verify-transcript", "manifest"]);
        house.write("altered", text(house, "manifest").replace("threshold: 3", "threshold: 2").as_bytes());
        house.fails(5, &["recovery", "verify-transcript", "minutes", "--manifest", "altered"]);
        // A ceremony that failed is cancelled, and its minutes say so.
        let verify = ["recovery", "verify", "--host", "--manifest", "manifest", "--transcript", "failed"];
        house.fails(5, &strs(&with_shares(&verify, &[share_of(0)])));
        let failed = Transcript::parse(&text(house, "failed")).unwrap();
        assert_eq!(failed.outcome, "cancelled");
        assert!(failed.events.iter().any(|(_, what)| what == "share of alice accepted"), "{failed:?}");
        house.fails(5, &["recovery", "verify-transcript", "failed", "--manifest", "other", "--signer", signer]);
    });
}

#[test]
fn a_share_is_checked_without_being_shown() {
    in_every_house(|house| {
        deal(house);
        let fits = house.ok(&["recovery", "check-share", "--manifest", "manifest", &share_of(1), "--json"]).json();
        assert_eq!((&fits["fits"], &fits["custodian"]), (&true.into(), &"bob".into()), "{fits}");
        let share = text(house, &share_of(1));
        // As it would be typed from a sheet: capitals, groups, from standard input.
        let typed =
            share.to_uppercase().as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four)).collect::<Vec<_>>().join("-");
        let answer = house.ok_with(&["recovery", "check-share", "--manifest", "manifest", "-"], typed.as_bytes());
        assert!(answer.text().contains("share of bob") && !answer.text().contains(&share[20..40]), "{}", answer.text());
        for at in [9, 40, share.len() - 1] {
            let mut bytes = share.clone().into_bytes();
            bytes[at] = if bytes[at] == b'q' { b'p' } else { b'q' };
            let answer = house.run(&["recovery", "check-share", "--manifest", "manifest", "-"], &bytes);
            assert_eq!(answer.code, 5, "{}", answer.err);
            assert_eq!(house.run(&["recovery", "inspect-share", "-"], &bytes).code, 5);
        }
    });
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_happens() {
    in_every_house(|house| {
        let handing = ["--sheets", "sheets", "--confirm-from", "sheets"];
        house.fails(2, &["recovery", "deal", "--host", "--sheets", "sheets"]);
        house.fails(2, &[&["recovery", "deal", "--host", "--custodian", "a", "--threshold", "1"][..], &handing].concat());
        house.fails(2, &[&["recovery", "deal", "--host", "--custodian", "a", "--custodian", "b"][..], &handing].concat());
        house.fails(2, &with_five("deal", &["--custodian", "bob", "--sheets", "sheets", "--confirm-from", "sheets"]));
        house.fails(2, &with_five("deal", &["--custodian", "x=age1nothing", "--sheets", "sheets", "--confirm-from", "sheets"]));
        // Even at a terminal: a document has no place for shares.
        assert_eq!(house.run(&with_five("deal", &["--json", "--confirm-from", "sheets"]), b"").code, 2);
        house.fails(2, &with_five("deal", &["--timeout", "0", "--sheets", "sheets", "--confirm-from", "sheets"]));
        fs::create_dir(house.path("open")).unwrap();
        fs::set_permissions(house.path("open"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let others = house.fails(2, &with_five("deal", &["--sheets", "open", "--confirm-from", "open"]));
        assert!(others.err.contains("chmod 700"), "{}", others.err);
        house.ok(&with_five("rehearse", &["--sheets", "full", "--confirm-from", "full"]));
        house.fails(2, &with_five("deal", &["--sheets", "full", "--confirm-from", "full"]));
        house.write("manifest", b"keep me");
        house.fails(2, &with_five("deal", &[&handing[..], &["-o", "manifest"]].concat()));
        house.fails(6, &with_five("deal", &[&handing[..], &["--pin-source", "file:wrong-pin"]].concat()));
        house.fails(7, &with_five("deal", &[&handing[..], &["--module", "/nothing/here.so"]].concat()));
        assert_eq!(house.read("manifest"), b"keep me");
        assert_eq!(house.ok(&["mek", "list", "--json"]).json()["meks"].as_array().unwrap().len(), 0);
        assert!(fs::read_dir(house.path("sheets")).is_ok_and(|mut files| files.next().is_none()));

        house.fails(1, &["recovery", "verify", "--host", "--manifest", "manifest", "--share", "sheets/1-alice.txt"]);
        house.fails(3, &["recovery", "verify", "--host", "--manifest", "nothing"]);
        house.fails(2, &["recovery", "verify", "--host", "--share", "manifest"]);
        for kind in [&["reset-pin"][..], &["destroy", "--key", "main"]] {
            house.fails(2, &[&["recovery"][..], kind, &["--host"]].concat());
        }
        house.fails(3, &["recovery", "cancel", "--host"]);
    });
}

#[test]
fn a_token_that_keeps_nothing_says_so() {
    in_every_house(|house| {
        let told = house.ok(&["recovery", "status", "--json"]).json();
        assert_eq!(told["state"], "idle", "{told}");
        if told["interface"] == false {
            assert!(house.ok(&["recovery", "status"]).text().contains("manifest"));
        }
    });
}

/// The same story where the token holds its ceremonies itself: the key never comes to this machine.
#[test]
fn a_token_with_the_interface_splits_its_own_key() {
    in_every_house(|house| {
        if house.ok(&["recovery", "status", "--json"]).json()["interface"] != true {
            eprintln!("\n*** SKIPPED: {} does not hold ceremonies itself ***\n", house.subject.name);
            return;
        }
        let deal = |more: &[&str]| {
            let args: Vec<_> = with_five("deal", more).into_iter().filter(|arg| *arg != "--host").collect();
            house.run(&args, b"")
        };
        let files = ["--sheets", "sheets", "--confirm-from", "sheets", "-o", "manifest", "--transcript", "minutes", "--json"];
        assert_eq!(deal(&files).code, 3, "there is no key to split");
        house.ok(&["mek", "create"]);
        assert_eq!(deal(&[&files[..], &["--so-pin-source", "file:wrong-pin"]].concat()).code, 6);
        assert_eq!(deal(&[&files[..], &["--pin-source", "file:wrong-pin"]].concat()).code, 6);
        assert_eq!(deal(&[&files[..], &["--key", "other"]].concat()).code, 3);
        let dealt = deal(&files);
        assert_eq!(dealt.code, 0, "{}", dealt.err);
        house.ok(&["dek", "create", "--name", "mail"]);
        let sealed = house.ok_with(&["encrypt", "--dek", "mail"], b"a letter").out;

        let status = house.ok(&["recovery", "status", "--json"]).json();
        assert_eq!((&status["state"], &status["sets"][0]["epoch"]), (&"idle".into(), &1.into()), "{status}");
        assert_eq!(status["genuine"], true);
        let mut stranger = house.command(&["recovery", "status", "--json"]);
        let seen = house::answer(stranger.env_remove("HSM_PIN_SOURCE").env_remove("HSM_SO_PIN_SOURCE").output().unwrap());
        assert_eq!((&seen.json()["genuine"], &seen.json()["sets"][0]["epoch"]), (&false.into(), &1.into()), "{}", seen.err);
        let signer = status["signer"].as_str().unwrap();
        house.ok(&["recovery", "verify-transcript", "minutes", "--manifest", "manifest", "--signer", signer]);
        house.fails(5, &strs(&with_shares(&["recovery", "verify"], &[share_of(0), share_of(0), share_of(1)])));
        house.ok(&strs(&with_shares(&["recovery", "verify", "--key", "main"], &(0..5).map(share_of).collect::<Vec<_>>())));

        let three = [share_of(4), share_of(0), share_of(2)];
        let refresh = ["recovery", "refresh", "--sheets", "new", "--confirm-from", "new", "-o", "manifest-2"];
        house.ok(&strs(&with_shares(&refresh, &three)));
        house.fails(5, &strs(&with_shares(&["recovery", "verify"], &three)));
        let three = three.map(|file| file.replace("sheets", "new"));
        house.write("new-pin", b"9999-new");
        house.ok(&strs(&with_shares(&["recovery", "reset-pin", "--new-pin-source", "file:new-pin"], &three)));
        house.fails(6, &["mek", "list"]);
        house.ok(&["mek", "list", "--pin-source", "file:new-pin"]);
        house.fails(3, &["recovery", "cancel"]);

        fs::remove_dir_all(house.path("tokens")).unwrap();
        fs::create_dir(house.path("tokens")).unwrap();
        house.ok(&["token", "init", "--label", "spare"]);
        house.fails(3, &strs(&with_shares(&["recovery", "restore"], &three)));
        let restore = ["recovery", "restore", "--manifest", "manifest-2"];
        house.fails(5, &strs(&with_shares(&restore, &three[..2])));
        house.ok(&strs(&with_shares(&restore, &three)));
        assert_eq!(house.ok_with(&["decrypt"], &sealed).out, b"a letter");
        house.ok(&["recovery", "destroy", "--key", "main"]);
        assert_eq!(house.ok(&["mek", "list", "--json"]).json()["meks"].as_array().unwrap().len(), 0);
    });
}

#[test]
fn a_ceremony_of_another_program_is_seen_and_can_be_ended() {
    in_every_house(|house| {
        if house.ok(&["recovery", "status", "--json"]).json()["interface"] != true {
            eprintln!("\n*** SKIPPED: {} does not hold ceremonies itself ***\n", house.subject.name);
            return;
        }
        let files = ["--sheets", "sheets", "--confirm-from", "later"];
        let args: Vec<_> = with_five("rehearse", &files).into_iter().filter(|arg| *arg != "--host").collect();
        let mut command = house.command(&args).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        awaited(&house.path(&share_of(4)), &mut command);
        let status = house.ok(&["recovery", "status", "--json"]).json();
        assert_eq!(status["state"], "elsewhere", "{status}");
        let busy = house.run(&args.iter().map(|arg| if *arg == "sheets" { "other" } else { arg }).collect::<Vec<_>>(), b"");
        assert!(busy.code == 8 && busy.err.contains("hsm recovery cancel"), "{}", busy.err);
        let ended = house.ok(&["recovery", "cancel", "--json"]).json();
        assert_eq!(ended["ceremony"], status["ceremony"]["id"]);
        fs::rename(house.path("sheets"), house.path("later")).unwrap();
        assert_eq!(command.wait().unwrap().code(), Some(8));
        assert_eq!(house.ok(&["recovery", "status", "--json"]).json()["state"], "idle");
    });
}

/// A manifest dealt by one sort of token, and its shares, restore the key into the other.
#[test]
fn shares_cross_from_one_product_to_the_other() {
    let subjects = house::subjects();
    if subjects.len() < 2 {
        return eprintln!("\n*** SKIPPED: two modules are needed ***\n");
    }
    for way in [[0, 1], [1, 0]] {
        let [from, to] = &way.map(|at| House::new(&subjects[at]));
        for house in [from, to] {
            house.ok(&["token", "init", "--label", "t"]);
        }
        deal(from);
        from.ok(&["dek", "create", "--name", "mail", "--mechanism", "AES-KWP"]);
        let sealed = from.ok_with(&["encrypt", "--dek", "mail"], b"a letter").out;
        for name in [&share_of(0), &share_of(1), &share_of(2), "manifest", ".local/share/hsm/keyring.db"] {
            fs::create_dir_all(to.path(name).parent().unwrap()).unwrap();
            fs::copy(from.path(name), to.path(name)).unwrap();
        }
        let shares = [share_of(0), share_of(1), share_of(2)];
        to.ok(&strs(&with_shares(&["recovery", "restore", "--manifest", "manifest"], &shares)));
        assert_eq!(to.ok_with(&["decrypt"], &sealed).out, b"a letter", "{} to {}", from.subject.name, to.subject.name);
    }
}

/// Waits for a file another process writes; a test that hangs is ended by whoever runs it.
fn awaited(path: &Path, child: &mut std::process::Child) -> String {
    loop {
        match fs::read_to_string(path) {
            Ok(text) if !text.is_empty() => return text,
            _ => std::thread::sleep(std::time::Duration::from_millis(50)),
        }
        assert!(child.try_wait().unwrap().is_none(), "the command ended before it wrote {}", path.display());
    }
}

#[test]
fn an_encrypted_share_is_opened_by_its_custodian_only() {
    in_every_house(|house| {
        let identity = age::x25519::Identity::generate();
        let bob = format!("bob={}", identity.to_public());
        let args = ["--custodian", "alice", "--custodian", &bob, "--threshold", "2", "--sheets", "sheets"];
        let args = [&["recovery", "deal", "--host", "--confirm-from", "sheets", "-o", "manifest"][..], &args].concat();
        let mut command = house.command(&args).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        let armored = awaited(&house.path("sheets/2-bob.age"), &mut command);
        assert!(!house.path("sheets/2-bob.txt").exists());
        assert!(text(house, "sheets/2-bob.html").contains("BEGIN AGE ENCRYPTED FILE"));
        let mut binary = Vec::new();
        std::io::Read::read_to_end(&mut age::armor::ArmoredReader::new(armored.trim().as_bytes()), &mut binary).unwrap();
        let share = age::decrypt(&identity, &binary).unwrap();
        house.write("bobs", &share);
        fs::rename(house.path("bobs"), house.path("sheets/2-bob.txt")).unwrap();
        assert!(command.wait().unwrap().success());
        let plain = String::from_utf8(share).unwrap();
        assert_eq!(Share::parse(&plain).unwrap().part.index, 2);
        let sheet = text(house, "sheets/2-bob.html");
        assert!(
            !sheet.contains(&plain)
                && !sheet.contains(&plain.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" "))
        );
    });
}

#[test]
fn nothing_is_dealt_before_it_is_approved() {
    in_every_house(|house| {
        house.ok(&["key", "create", "--label", "dora", "--type", "ed25519"]);
        house.write("dora.pem", &house.ok(&["key", "public", "--key", "dora"]).out);
        let args =
            ["--approver", "dora=dora.pem", "--approvals-from", "approvals", "--sheets", "sheets", "--confirm-from", "sheets"];
        let quiet = || Stdio::null();
        let begin = |more: &[&str]| {
            house.command(&with_five("deal", &[&args[..], more].concat())).stderr(quiet()).stdout(quiet()).spawn().unwrap()
        };
        let approve = |output: &str, id: &[&str]| {
            house.ok(&[&["recovery", "approve", "--key", "dora", "-o", output][..], id].concat());
        };
        // A good signature, but of another ceremony.
        let mut command = begin(&["-o", "manifest"]);
        let statement = awaited(&house.path("approvals/statement.txt"), &mut command);
        assert!(statement.contains("kind: deal") && statement.contains("approver-then: "), "{statement}");
        assert!(fs::read_dir(house.path("sheets")).unwrap().next().is_none(), "dealt before it was approved");
        approve("other.sig", &["--ceremony", &"0".repeat(64)]);
        fs::rename(house.path("other.sig"), house.path("approvals/dora.sig")).unwrap();
        assert_eq!(command.wait().unwrap().code(), Some(5));
        assert!(!house.path("manifest").exists());

        fs::remove_dir_all(house.path("approvals")).unwrap();
        let mut command = begin(&["-o", "manifest"]);
        awaited(&house.path("approvals/message.txt"), &mut command);
        approve("dora.sig", &["--statement", "approvals/statement.txt"]);
        fs::rename(house.path("dora.sig"), house.path("approvals/dora.sig")).unwrap();
        assert!(command.wait().unwrap().success());
        assert_eq!(Manifest::parse(&text(house, "manifest")).unwrap().core.policy.approval().needed, 1);
    });
}
