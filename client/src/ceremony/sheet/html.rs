//! The sheet as one self-contained page of HTML.

use std::fmt::Write as _;

use zeroize::Zeroizing;

use super::{Code, SIGNATURES, Sheet};

/// The page. Everything that is not ours is escaped.
pub fn page(sheet: &Sheet) -> Zeroizing<String> {
    // Grown to its size at once: no piece of a share stays behind in a smaller buffer.
    let mut page = Zeroizing::new(String::with_capacity(CAPACITY + sheet.manifest.len() * 2));
    let title = escaped(&sheet.title());
    let class = if sheet.rehearsal { "rehearsal" } else { "" };
    page.push_str(&format!("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n"));
    page.push_str(&format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n"));
    page.push_str(&format!("<style>{STYLE}</style>\n</head>\n<body class=\"{class}\">\n"));
    if sheet.rehearsal {
        page.push_str("<p class=\"banner\">REHEARSAL</p>\n");
    }
    page.push_str(&format!("<h1>{title}</h1>\n<p class=\"place\">{}</p>\n<table>\n", escaped(&sheet.place)));
    for (name, value) in &sheet.facts {
        page.push_str(&format!("<tr><th>{name}</th><td>{}</td></tr>\n", escaped(value)));
    }
    page.push_str(&format!("</table>\n<h2>{}</h2>\n<div class=\"share\"><pre>", sheet.body_title()));
    push_escaped(&mut page, &sheet.body.0);
    page.push_str("</pre>");
    if let Some(code) = &sheet.code {
        drawing(&mut page, code);
    }
    page.push_str("</div>\n<h2>What to do with it</h2>\n<ol>\n");
    sheet.steps.iter().for_each(|step| page.push_str(&format!("<li>{}</li>\n", escaped(step))));
    page.push_str("</ol>\n");
    SIGNATURES.iter().for_each(|line| page.push_str(&format!("<p class=\"sign\">{line}</p>\n")));
    page.push_str("<h2>The manifest of the set</h2>\n<pre class=\"manifest\">");
    push_escaped(&mut page, &sheet.manifest);
    page.push_str("</pre>\n</body>\n</html>\n");
    page
}

fn drawing(page: &mut Zeroizing<String>, code: &Code) {
    let side = code.size + 2 * Code::MARGIN;
    page.push_str(&format!("<svg viewBox=\"0 0 {side} {side}\" role=\"img\" aria-label=\"QR code of the share\">\n"));
    page.push_str(&format!("<rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/>\n<path fill=\"#000\" d=\""));
    for run in &code.runs {
        let (x, y) = (run.x + Code::MARGIN, run.y + Code::MARGIN);
        // Writing to a string does not fail.
        let _ = write!(**page, "M{x} {y}h{}v1h-{}z", run.len, run.len);
    }
    page.push_str("\"/>\n</svg>\n");
}

fn escaped(text: &str) -> String {
    let mut out = Zeroizing::new(String::with_capacity(text.len() * 6));
    push_escaped(&mut out, text);
    std::mem::take(&mut *out)
}

fn push_escaped(out: &mut Zeroizing<String>, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

/// The longest page but for its manifest: the largest QR code has about 8,000 runs.
const CAPACITY: usize = 256 * 1024;
/// Nothing is loaded and nothing runs, whatever a name might contain.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";
const STYLE: &str = "
body { font: 11pt/1.4 sans-serif; color: #000; background: #fff; max-width: 18cm; margin: 1cm auto; }
h1 { font-size: 18pt; margin: 0; } h2 { font-size: 12pt; margin: 1em 0 .3em; } .place { font-size: 13pt; margin: .2em 0 .8em; }
th { text-align: left; font-weight: normal; padding-right: 1em; white-space: nowrap; vertical-align: top; }
td, pre { font-family: monospace; overflow-wrap: anywhere; } pre { white-space: pre-wrap; margin: 0; }
.share { display: flex; gap: 1cm; align-items: flex-start; justify-content: space-between; }
.share pre { font-size: 12pt; line-height: 1.6; } .share svg { width: 6cm; height: 6cm; flex: none; }
.sign { border-bottom: 1px solid #000; padding-bottom: 1.1cm; margin: .5em 0; font-size: 9pt; }
.manifest { font-size: 8pt; line-height: 1.3; } ol { margin: 0; padding-left: 1.4em; }
.banner { font-size: 40pt; font-weight: bold; letter-spacing: .1em; text-align: center; border: 4px solid #000; margin: 0 0 .4em; }
@page { size: A4; margin: 1.5cm; } @media print { body { margin: 0; max-width: none; } }
";
