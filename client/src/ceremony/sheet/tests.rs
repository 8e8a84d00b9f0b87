//! What is printed can be read again: the code is painted from the page's own rectangles and decoded.

use hsm_shares::{
    ceremony::{Ceremony, Opening, Task},
    notary::Notary,
    policy::{Approval, Custodian, Policy},
    share::{SetId, Share},
    time::Time,
    wire::Dealt,
};

use super::*;

/// A rectangle of ink: left, top, width, height.
type Ink = (f32, f32, f32, f32);

fn rehearsal(names: &[&str], recipient: Option<String>) -> Dealt {
    let custodians = names.iter().map(|name| Custodian { name: (*name).into(), recipient: recipient.clone() }).collect();
    let policy = Policy::new(2, custodians, Approval::default(), Some("2027-11-26".into())).unwrap();
    let task = Task::Rehearse { token: "t".into(), set: SetId::fresh("t").unwrap(), policy };
    let opening = Opening { task, token: "t".into(), approval: Approval::default(), others: vec![], timeout: None };
    let (_, dealt) = Ceremony::open(opening, &Notary::fresh().unwrap(), Time::now()).unwrap();
    dealt.unwrap()
}

fn sheets(dealt: &Dealt) -> Vec<Sheet> {
    dealt.shares.iter().map(|handed| Sheet::new(&dealt.manifest, handed, "00ff").unwrap()).collect()
}

/// Paints in black on white, four pixels to a module, and decodes.
fn decoded(ink: &[Ink]) -> String {
    let module = ink.iter().map(|(_, _, _, height)| *height).fold(f32::MAX, f32::min);
    let left = ink.iter().map(|(x, ..)| *x).fold(f32::MAX, f32::min);
    let top = ink.iter().map(|(_, y, ..)| *y).fold(f32::MAX, f32::min);
    let pixel = |v: f32| (v / module * 4.0).round() as usize;
    let right = ink.iter().map(|(x, _, width, _)| pixel(x + width - left)).max().unwrap();
    let side = right + 32;
    let mut paper = vec![255u8; side * side];
    for (x, y, width, height) in ink {
        for row in pixel(y - top)..pixel(y - top + height) {
            let start = (row + 16) * side + 16 + pixel(x - left);
            paper[start..start + pixel(*width)].fill(0);
        }
    }
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| paper[y * side + x]);
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1, "one code on the sheet");
    grids[0].decode().unwrap().1
}

fn of_html(page: &str) -> Vec<Ink> {
    let (_, path) = page.split_once("d=\"M").unwrap();
    let (path, _) = path.split_once('"').unwrap();
    let run = |run: &str| {
        let (x, rest) = run.split_once(' ').unwrap();
        let (y, rest) = rest.split_once('h').unwrap();
        let (width, _) = rest.split_once('v').unwrap();
        (x.parse().unwrap(), y.parse().unwrap(), width.parse().unwrap(), 1.0)
    };
    path.split('M').map(run).collect()
}

fn of_pdf(document: &[u8]) -> Vec<Ink> {
    let text = String::from_utf8_lossy(document);
    let rectangle = |line: &str| {
        let numbers: Vec<f32> = line.strip_suffix(" re")?.split(' ').map(|number| number.parse().unwrap()).collect();
        let [x, y, width, height] = numbers[..] else { return None };
        Some((x, 842.0 - y - height, width, height))
    };
    text.lines().filter_map(rectangle).collect()
}

#[test]
fn the_code_of_both_sheets_gives_the_share_back() {
    let dealt = rehearsal(&["alice", "bob", "carol"], None);
    for (sheet, handed) in sheets(&dealt).iter().zip(&dealt.shares) {
        for text in [decoded(&of_html(&html::page(sheet))), decoded(&of_pdf(&pdf::document(sheet)))] {
            assert_eq!(text.to_ascii_lowercase(), handed.share.expose());
            assert_eq!(Share::parse(&text).unwrap().part.index, handed.index);
        }
    }
}

#[test]
fn an_encrypted_share_is_there_encrypted_only() {
    let identity = age::x25519::Identity::generate();
    let dealt = rehearsal(&["alice", "bob"], Some(identity.to_public().to_string()));
    let sheet = &sheets(&dealt)[0];
    let page = html::page(sheet);
    for text in [decoded(&of_html(&page)), decoded(&of_pdf(&pdf::document(sheet)))] {
        let mut binary = Vec::new();
        let mut armor = age::armor::ArmoredReader::new(text.as_bytes());
        std::io::Read::read_to_end(&mut armor, &mut binary).unwrap();
        let share = String::from_utf8(age::decrypt(&identity, &binary).unwrap()).unwrap();
        assert_eq!(Share::parse(&share).unwrap().part.index, 1);
        assert!(!page.contains(&share) && !page.contains(&**share::grouped(&share)));
    }
    assert!(page.contains("BEGIN AGE ENCRYPTED FILE") && page.contains("age -d"));
}

#[test]
fn the_page_says_everything_and_runs_nothing() {
    let dealt = rehearsal(&["<script>alert(1)</script> & \"Bob\"", "Zoë Łuk"], None);
    let all = sheets(&dealt);
    let page = html::page(&all[0]);
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;Bob&quot;"));
    for text in ["share 1 of 2, any 2 restore", ">REHEARSAL<", "00ff", "2027-11-26", "signed-by: "] {
        assert!(page.contains(text), "{text}");
    }
    for foreign in ["http://", "https://", "url(", "src=", "href="] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    let typed: String = page.split("<pre>").nth(1).unwrap().split("</pre>").next().unwrap().into();
    assert_eq!(Share::parse(&typed).unwrap().part.index, 1);
    let (_, manifest) = page.split_once("class=\"manifest\">").unwrap();
    let manifest = manifest.split_once("</pre>").unwrap().0;
    let manifest = manifest.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    assert_eq!(manifest, dealt.manifest);

    let document = pdf::document(&all[1]);
    assert!(document.starts_with(b"%PDF-1.7"));
    // Latin-1 as it is, anything else as a question mark: never a byte that would end the string.
    let latin = format!("<{}>", base16ct::upper::encode_string(b"Recovery share of Zo\xeb ?uk"));
    assert!(document.windows(latin.len()).any(|part| part == latin.as_bytes()), "{}", String::from_utf8_lossy(&document));
    assert!(document.windows(11).any(|part| part == b"(REHEARSAL)"));
}
