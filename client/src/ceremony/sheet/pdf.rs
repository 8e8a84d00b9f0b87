//! The sheet as a PDF (ISO 32000) in the fonts every reader has, the QR code as rectangles.

use pdf_writer::{Content, Finish as _, Name, Pdf, Rect, Ref, Str};
use zeroize::Zeroizing;

use super::{Code, SIGNATURES, Sheet};

/// The document. Built-in fonts know the letters of western Europe; any other is printed as a question mark, and the HTML page has
/// it right.
pub fn document(sheet: &Sheet) -> Zeroizing<Vec<u8>> {
    let mut paper = Paper { pages: Vec::new(), page: Content::new(), y: TOP };
    if sheet.rehearsal {
        paper.text(BOLD, 40.0, "REHEARSAL");
    }
    paper.text(BOLD, 18.0, &sheet.title());
    paper.text(SANS, 13.0, &sheet.place);
    paper.gap(6.0);
    sheet.facts.iter().for_each(|(name, value)| paper.text(MONO, 8.0, &format!("{name:20}{value}")));
    paper.heading(sheet.body_title());
    paper.share(sheet);
    paper.heading("What to do with it");
    sheet.steps.iter().enumerate().for_each(|(at, step)| paper.text(SANS, 10.0, &format!("{}. {step}", at + 1)));
    SIGNATURES.iter().for_each(|line| paper.signature(line));
    paper.new_page();
    paper.heading("The manifest of the set");
    paper.text(SANS, 9.0, "A line that begins with two blanks goes on from the one above.");
    sheet.manifest.lines().for_each(|line| paper.text(MONO, 8.0, line));
    paper.new_page();
    assemble(paper.pages)
}

/// Pages being filled from the top.
struct Paper {
    pages: Vec<Content>,
    page: Content,
    y: f32,
}

impl Paper {
    fn heading(&mut self, text: &str) {
        self.gap(10.0);
        self.text(BOLD, 12.0, text);
        self.gap(2.0);
    }

    fn gap(&mut self, points: f32) {
        self.y -= points;
    }

    /// A line, broken where it is too long; the rest is indented.
    fn text(&mut self, font: Font, size: f32, text: &str) {
        let room = ((WIDTH / (size * font.1)) as usize).max(10);
        let mut rest: Zeroizing<Vec<char>> = Zeroizing::new(text.chars().collect());
        loop {
            if self.y - size * LEADING < BOTTOM {
                self.new_page();
            }
            self.y -= size * LEADING;
            let cut = if rest.len() <= room { rest.len() } else { cut(&rest[..room], font) };
            let line = Zeroizing::new(encoded(&rest[..cut]));
            self.page.begin_text().set_font(Name(font.0), size).next_line(LEFT, self.y);
            self.page.show(Str(&line)).end_text();
            if rest.len() == cut {
                return;
            }
            let tail = [' ', ' '].into_iter().chain(rest[cut..].iter().copied()).collect();
            rest = Zeroizing::new(tail);
        }
    }

    /// The share, and its code below it.
    fn share(&mut self, sheet: &Sheet) {
        let size = if sheet.encrypted { 8.0 } else { 13.0 };
        sheet.body.0.lines().for_each(|line| self.text(MONO, size, line));
        let Some(code) = &sheet.code else { return };
        if self.y - SIDE < BOTTOM {
            self.new_page();
        }
        let module = SIDE / (code.size + 2 * Code::MARGIN) as f32;
        for run in &code.runs {
            let x = LEFT + (run.x + Code::MARGIN) as f32 * module;
            let top = self.y - (run.y + Code::MARGIN) as f32 * module;
            self.page.rect(x, top - module, run.len as f32 * module, module);
        }
        self.page.fill_nonzero();
        self.gap(SIDE);
    }

    fn signature(&mut self, line: &str) {
        if self.y - 50.0 < BOTTOM {
            self.new_page();
        }
        self.gap(32.0);
        self.page.move_to(LEFT, self.y).line_to(LEFT + WIDTH, self.y).stroke();
        self.text(SANS, 8.0, line);
    }

    fn new_page(&mut self) {
        self.pages.push(std::mem::replace(&mut self.page, Content::new()));
        self.y = TOP;
    }
}

fn assemble(contents: Vec<Content>) -> Zeroizing<Vec<u8>> {
    let mut pdf = Pdf::new();
    let [catalog, tree] = [Ref::new(1), Ref::new(2)];
    let font = |at: usize| Ref::new(3 + at as i32);
    let page = |at: usize| Ref::new(10 + 2 * at as i32);
    let content = |at: usize| Ref::new(11 + 2 * at as i32);
    pdf.catalog(catalog).pages(tree);
    pdf.pages(tree).kids((0..contents.len()).map(page)).count(contents.len() as i32);
    for (at, (name, base)) in [(SANS.0, "Helvetica"), (BOLD.0, "Helvetica-Bold"), (MONO.0, "Courier")].into_iter().enumerate() {
        debug_assert_eq!(name[1], b'1' + at as u8);
        pdf.type1_font(font(at)).base_font(Name(base.as_bytes())).encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    for (at, drawn) in contents.into_iter().enumerate() {
        let mut leaf = pdf.page(page(at));
        leaf.parent(tree).media_box(Rect::new(0.0, 0.0, 595.0, 842.0)).contents(content(at));
        let mut resources = leaf.resources();
        resources.fonts().pair(Name(SANS.0), font(0)).pair(Name(BOLD.0), font(1)).pair(Name(MONO.0), font(2));
        resources.finish();
        leaf.finish();
        let bytes = Zeroizing::new(drawn.finish().to_vec());
        pdf.stream(content(at), &bytes);
    }
    Zeroizing::new(pdf.finish())
}

/// Where to break a line that is too long: text that is typed in again anywhere, prose after a blank.
fn cut(line: &[char], font: Font) -> usize {
    let blank = line.iter().rposition(|c| *c == ' ').filter(|at| *at > 2 && font.0 != MONO.0);
    blank.map_or(line.len(), |at| at + 1)
}

/// WinAnsiEncoding, as far as it is Latin-1.
fn encoded(text: &[char]) -> Vec<u8> {
    let code = |c: char| match c {
        ' '..='~' | '\u{a0}'..='\u{ff}' => u8::try_from(u32::from(c)).unwrap_or(b'?'),
        _ => b'?',
    };
    text.iter().map(|c| code(*c)).collect()
}

/// A font's name in the document, and the width of a letter: of Courier exactly, of Helvetica more than on average.
type Font = (&'static [u8; 2], f32);
const SANS: Font = (b"F1", 0.53);
const BOLD: Font = (b"F2", 0.6);
const MONO: Font = (b"F3", 0.6);
/// Points.
const LEFT: f32 = 50.0;
const WIDTH: f32 = 495.0;
const TOP: f32 = 800.0;
const BOTTOM: f32 = 40.0;
const LEADING: f32 = 1.3;
/// Of the QR code, margin included.
const SIDE: f32 = 190.0;
